import type { Message } from '@esplanade/vici';
import { isOurs } from './names.ts';

/** Longer than any negotiation of a first CHILD SA takes, its retransmissions included. */
export const defaultIdleSeconds = 60;

/** An IKE SA that is of no use. */
export interface IdleIkeSa {
  readonly id: string;
  /** The IKE SAs with which the same remote has a newer SA for each of its CHILD SAs; none if it has no CHILD SA. */
  readonly successors: readonly string[];
}

/**
 * The IKE SAs of ours that have been up for so long and carry nothing: each refused attempt of an entry for many
 * remotes leaves one, and so do two ends that begin at the same moment, or a remote that keeps what it has replaced.
 * Either they have no CHILD SA in whatever state, or each is in force, has carried no packet either way for as long,
 * and has a newer one beside it on which we send. None that has anything left to do is among them. Packets that need
 * one bring up another.
 */
export function idleIkeSas(rows: readonly Message[], idleSeconds: number): readonly IdleIkeSa[] {
  const ours = rows.flatMap((row) => row.sections().filter(([connection]) => isOurs(connection)));
  const groups = Map.groupBy(ours, ([connection, sa]) => [connection, ...remoteOf(sa)].join('\n'));
  return [...groups.values()].flatMap((group) => {
    const sas = group.map(([, sa]) => sa);
    return sas.flatMap((sa) => idleAmong(sas, sa, idleSeconds) ?? []);
  });
}

/** A host behind an address translator has its address in common with others there. */
function remoteOf(sa: Message): readonly (string | undefined)[] {
  return ['local-host', 'remote-host', 'remote-port', 'remote-id'].map((name) => sa.text(name));
}

function idleAmong(sas: readonly Message[], sa: Message, idleSeconds: number): IdleIkeSa | undefined {
  const id = sa.text('uniqueid');
  const hasTasks = ['tasks-queued', 'tasks-active', 'tasks-passive'].some(
    (name) => sa.texts(name).length > 0,
  );
  if (id === undefined || hasTasks || !isEstablished(sa) || age(sa, 'established') < idleSeconds)
    return undefined;
  const successors = new Set<string>();
  for (const child of childrenOf(sa)) {
    const successor = isIdleChild(child, idleSeconds) ? successorOf(child, sas, sa) : undefined;
    if (successor === undefined) return undefined;
    successors.add(successor);
  }
  return { id, successors: [...successors] };
}

/** The kernel sends on the newest; charon numbers CHILD SAs as they come. */
function successorOf(child: Message, sas: readonly Message[], own: Message): string | undefined {
  const isNewer = (other: Message): boolean =>
    isInstalled(other) &&
    trafficOf(other) === trafficOf(child) &&
    Number(other.text('uniqueid')) > Number(child.text('uniqueid'));
  return sas
    .find((other) => other !== own && isEstablished(other) && childrenOf(other).some(isNewer))
    ?.text('uniqueid');
}

function trafficOf(child: Message): string {
  return [child.text('name'), ...child.texts('local-ts'), '-', ...child.texts('remote-ts')].join('\n');
}

function isIdleChild(child: Message, idleSeconds: number): boolean {
  const isIdle = (way: 'in' | 'out'): boolean =>
    child.text(`packets-${way}`) === '0' || age(child, `use-${way}`) >= idleSeconds;
  return isInstalled(child) && age(child, 'install-time') >= idleSeconds && isIdle('in') && isIdle('out');
}

function childrenOf(sa: Message): readonly Message[] {
  return (sa.section('child-sas')?.sections() ?? []).map(([, child]) => child);
}

function isEstablished(sa: Message): boolean {
  return sa.text('state') === 'ESTABLISHED';
}

function isInstalled(child: Message): boolean {
  return child.text('state') === 'INSTALLED';
}

/** Seconds; of what charon does not tell it is as if it had just been. */
function age(section: Message, name: string): number {
  return Number(section.text(name) ?? 0);
}
