import { type Api, ForbiddenError } from '@esplanade/sdk';
import { CommandError, exitStatus } from '../exit-status.ts';
import type { DirectoryField } from './directory.ts';

/** The name of the cluster: in ONTAP's CLI it is the Vserver of what belongs to no SVM. Undefined for who may not know it. */
export async function clusterName(api: Api, signal?: AbortSignal): Promise<string | undefined> {
  try {
    const cluster = await api.call('GET', '/cluster', undefined, { signal });
    return typeof cluster['name'] === 'string' ? cluster['name'] : undefined;
  } catch (error) {
    // Any other failure would make another query of the one that was asked.
    if (error instanceof ForbiddenError) return undefined;
    throw error;
  }
}

/** What whoever names the cluster where an SVM is meant is told; undefined for every other name. */
export async function clusterForSvm(
  { isSvm }: DirectoryField,
  name: string | undefined,
  api: Api,
  signal: AbortSignal,
): Promise<CommandError | undefined> {
  if (isSvm !== true || name === undefined || name !== (await clusterName(api, signal))) return undefined;
  return new CommandError(exitStatus.notFound, `"${name}" is the cluster, of the type admin, and no SVM.`);
}

/** The query that is sent for an owner: one that the name of the cluster passes is about what has no SVM too. */
export async function ownerQuery(
  { isOwner }: DirectoryField,
  query: string,
  api: Api,
  signal?: AbortSignal,
): Promise<string> {
  if (isOwner !== true) return query;
  const cluster = await clusterName(api, signal);
  return cluster !== undefined && isPassedBy(cluster, query) ? `${query}|null` : query;
}

/** Of ONTAP's queries those that are about names: `svm1`, `svm*`, `!svm1`, and several of them with `|` between. */
function isPassedBy(name: string, query: string): boolean {
  return query.split('|').some((alternative) => {
    const [, negation, literal = ''] = /^(!?)"?(.*?)"?$/s.exec(alternative) ?? [];
    if (literal === 'null' || /[<>{}]|\.\./.test(literal)) return false;
    const pattern = literal.split('*').map(RegExp.escape).join('.*');
    return new RegExp(`^${pattern}$`, 's').test(name) !== (negation === '!');
  });
}
