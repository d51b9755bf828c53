import type { Api } from '@esplanade/sdk';
import type { Arguments, Parameter } from '../command.ts';
import { clusterForSvm, clusterName } from '../directory/cluster-name.ts';
import type { DirectoryField } from '../directory/directory.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import type { ApiRecord } from '../output/output.ts';
import { UnknownNameError } from '../unknown-name-error.ts';

/** What is looked for, and in which words it is spoken of. */
export interface Wanted {
  readonly path: string;
  readonly keys: readonly DirectoryField[];
  /** One record: `certificate`. */
  readonly noun: string;
  /** Fields that are needed of it. */
  readonly fields: readonly [string, ...string[]];
}

/** Keys as parameters of a command that is about one record. */
export function keyParameters(keys: readonly DirectoryField[]): readonly Parameter[] {
  return keys.map(({ name, aliases, value, help, source, create, mistaken }) => ({
    name,
    value,
    help,
    isPositional: true,
    isRequired: create === 'required',
    ...(aliases !== undefined && { aliases }),
    ...(source !== undefined && { source }),
    ...(mistaken !== undefined && { mistaken }),
  }));
}

/** The record with the keys that were given. Throws a {@link CommandError} where there is none, or more than one. */
export async function namedRecord(
  api: Api,
  { path, keys, noun, fields }: Wanted,
  given: Arguments,
  signal: AbortSignal,
): Promise<ApiRecord> {
  const named = keys.filter(({ name }) => given.has(name));
  let query = api.collection(path).fields(...fields);
  for (const { name, field, isOwner } of named) {
    const text = given.text(name);
    const isOfCluster = isOwner === true && text === (await clusterName(api, signal));
    query = query.where(field, '=', isOfCluster ? null : unsetOr(text));
  }
  const [found, ...others] = await query.toArray({ signal });
  const called = named.map(({ name }) => given.text(name)).join(' ');
  if (found === undefined) {
    const sentence = `There is no ${noun} "${called}".`;
    const naming = named.find(({ field }) => field === 'name');
    if (naming === undefined) throw new CommandError(exitStatus.notFound, sentence);
    const cluster = await clusterForSvm(naming, given.text(naming.name), api, signal);
    if (cluster !== undefined) throw cluster;
    const { knownNames } = await import('../known-names.ts');
    const names = await knownNames(api, { path, field: naming.field }, signal);
    throw new UnknownNameError(exitStatus.notFound, sentence, given.text(naming.name) ?? '', names);
  }
  if (others.length === 0) return found;
  const more = keys.filter(({ name }) => !given.has(name)).map(({ name }) => `-${name}`);
  throw new CommandError(
    exitStatus.misused,
    `${others.length + 1} are called "${called}": give ${more.join(' and ')} too.`,
  );
}

/** As in queries: `-vserver null` is for what belongs to no SVM. */
function unsetOr(text = ''): string | null {
  return text === 'null' ? null : text;
}
