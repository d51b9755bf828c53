import type { DatapathEntry, DatapathSettings } from '../datapath.ts';
import { digestOf } from '../entry-fingerprint.ts';
import { DatapathRefusedError } from '../errors.ts';
import { type CompiledEntry, compileEntry, shunt } from './connection-mapping.ts';
import { childName } from './names.ts';

/** What is made of an entry. With a `failure` it could not be compiled, and `compiled` keeps all its traffic back. */
export interface Compilation {
  readonly compiled: CompiledEntry;
  readonly failure?: DatapathRefusedError;
}

/** Compiles an entry as `compileEntry` does; one that cannot be must not keep others from being carried out. */
export function compilationOf(entry: DatapathEntry, settings: DatapathSettings, reqid: number): Compilation {
  try {
    return { compiled: compileEntry(entry, settings, reqid) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const failure = new DatapathRefusedError(`It cannot be put in charon's words: ${why}.`, { cause: error });
    return { compiled: barrier(entry), failure };
  }
}

/** Its fingerprint is nobody else's, so that whoever compares sees that the entry itself is not there. */
function barrier(entry: DatapathEntry): CompiledEntry {
  const policyUuid = entry.policy.uuid;
  const fingerprint = digestOf(['barrier', policyUuid]);
  const form = { policyUuid, fingerprint };
  return { ...form, childName: childName(form), ...shunt('drop', entry, form) };
}
