import type { IpsecPolicy } from '@esplanade/domain';
import { blockConnection } from './shunt-mapping.ts';

/**
 * The block beneath a policy as a line of the file that `bin/esplanade-charon --blocks` reads when a guard starts:
 * connection, child, and the traffic selectors of either side, separated by commas. In the guard it is the very block
 * that the driver would load, which therefore takes it over. Undefined where nothing is to be blocked.
 */
export function blockLine({ uuid, action, selector }: IpsecPolicy): string | undefined {
  if (action === 'bypass') return undefined;
  const { name, children } = blockConnection(uuid, selector);
  const lines = Object.entries(children).map(([child, { local_ts = [], remote_ts = [] }]) =>
    [name, child, String(local_ts), String(remote_ts)].join(' '),
  );
  return `${lines.join('\n')}\n`;
}
