import type { Fault } from '@esplanade/datapath';

/** The kind of a fault as the API writes it: `no_proposal`. */
export function faultWord(kind: Fault['kind']): string {
  return kind.replaceAll('-', '_');
}
