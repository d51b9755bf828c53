import { setTimeout as sleep } from 'node:timers/promises';
import type { Message } from '@esplanade/vici';
import { DatapathRefusedError } from '../errors.ts';
import { CharonSession, type SessionOptions } from './charon-session.ts';
import { type IdleIkeSa, idleIkeSas } from './idle-ike-sas.ts';
import { Pool } from './turns.ts';

/** Charon gives every blocked command one of its 16 threads; with more than this it has none left for IKE itself. */
const concurrentWaits = 8;
const initiateBoundMs = 5_000;
const takeDownBoundMs = 3_000;
/** Of a command that waits itself. */
const waitingDeadlineMs = 15_000;
const pollMs = 50;

/** Which SAs: those of a child, all of a connection, or those of one IKE SA. */
export type SaSelection =
  | { readonly child: string }
  | { readonly ike: string }
  | { readonly 'ike-id': string };

/** An IKE SA as charon lists it. */
export interface ListedIkeSa {
  readonly id: string;
  readonly connectionName: string;
  /** In charon's words. */
  readonly state: string;
  /** Of all its CHILD SAs, whatever their state. */
  readonly childNames: readonly string[];
}

/** Brings SAs up and takes them down, on sessions of its own, because charon keeps a session waiting meanwhile. */
export class SaControl {
  readonly #session: CharonSession;
  readonly #waiting: Pool<CharonSession>;

  constructor(options: SessionOptions) {
    this.#session = new CharonSession(options);
    this.#waiting = new Pool(concurrentWaits, () => new CharonSession(options));
  }

  /** Whether there is an SA that carries, or may soon carry, traffic of a child. */
  async hasSa(childName: string, signal?: AbortSignal): Promise<boolean> {
    return (await this.#count({ child: childName }, signal)) > 0;
  }

  /** Whether a child has an SA, one is on its way up or down, or nothing is going on. */
  async progressOf(
    connectionName: string,
    childName: string,
    signal?: AbortSignal,
  ): Promise<'up' | 'moving' | 'none'> {
    const rows = await this.#session.list('list-sas', 'list-sa', { ike: connectionName }, { signal });
    const ikeSas = rows.flatMap((row) => row.sections().map(([, ikeSa]) => ikeSa));
    const states = ikeSas
      .flatMap((ikeSa) => ikeSa.section('child-sas')?.sections() ?? [])
      .flatMap(([, sa]) => (sa.text('name') === childName ? [sa.text('state')] : []));
    if (states.includes('INSTALLED')) return 'up';
    const isBusy = ikeSas.some(
      (ikeSa) =>
        ikeSa.text('state') !== 'ESTABLISHED' ||
        [...ikeSa.texts('tasks-queued'), ...ikeSa.texts('tasks-active')].includes('CHILD_CREATE'),
    );
    return isBusy || states.some((state) => state !== 'DELETED') ? 'moving' : 'none';
  }

  /** The connection of each IKE SA, foreign ones included. */
  async connectionNames(signal?: AbortSignal): Promise<readonly string[]> {
    const rows = await this.#session.list('list-sas', 'list-sa', {}, { signal });
    return rows.flatMap((row) => row.sections().map(([name]) => name));
  }

  /** All IKE SAs, foreign ones included. */
  async ikeSas(signal?: AbortSignal): Promise<readonly ListedIkeSa[]> {
    const rows = await this.#session.list('list-sas', 'list-sa', {}, { signal });
    return rows.flatMap((row) => row.sections().map(([name, sa]) => listedIkeSa(name, sa)));
  }

  /** Asks for a CHILD SA and waits for it, within a bound. False when it did not come up; charon's log says why. */
  async initiate(connectionName: string, childName: string, signal?: AbortSignal): Promise<boolean> {
    const message = { ike: connectionName, child: childName, timeout: String(initiateBoundMs) };
    return this.#waiting.use((session) => isAccepted(session.request('initiate', message, { signal })));
  }

  /**
   * The same, but where there is no IKE SA yet it comes first and the CHILD SA after it (RFC 6023): with both at once a
   * remote uses the CHILD SA while its certificate is still being checked here, and what it sends is lost. A remote that
   * takes no IKE SA without a CHILD SA is asked for both at once after all.
   */
  async initiateOneByOne(connectionName: string, childName: string, signal?: AbortSignal): Promise<boolean> {
    if ((await this.established(new Set([connectionName]), signal)).size === 0) {
      const message = { ike: connectionName, timeout: String(initiateBoundMs) };
      await this.#waiting.use((session) => isAccepted(session.request('initiate', message, { signal })));
    }
    return this.initiate(connectionName, childName, signal);
  }

  /**
   * Takes SAs down and waits until they are gone, within a bound. A remote that does not answer then has lost its whole
   * IKE SA without being heard when a connection was meant; of a single child, charon goes on by itself. `areFew` says
   * that charon may as well do the waiting: it takes one after the other down, each after the remote's answer.
   */
  async takeDown(which: SaSelection, areFew: boolean, signal?: AbortSignal): Promise<void> {
    if (areFew) {
      const message = { ...which, timeout: String(takeDownBoundMs) };
      const answer = await this.#waiting.use((session) =>
        outcomeOf(session.request('terminate', message, { signal, deadlineMs: waitingDeadlineMs })),
      );
      if (answer === 'failed' && !('child' in which))
        await this.#terminate({ ...which, force: 'yes', timeout: '-1' }, signal);
      return;
    }
    if (!(await this.#terminate({ ...which, timeout: '-1' }, signal))) return;
    const deadline = AbortSignal.timeout(takeDownBoundMs);
    while ((await this.#count(which, signal)) > 0) {
      if (deadline.aborted) {
        if (!('child' in which)) await this.#terminate({ ...which, force: 'yes', timeout: '-1' }, signal);
        return;
      }
      await sleep(pollMs, undefined, signal === undefined ? {} : { signal });
    }
  }

  /** Ids of the established IKE SAs of connections. */
  async established(connections: ReadonlySet<string>, signal?: AbortSignal): Promise<ReadonlySet<string>> {
    return establishedIds(await this.#listed(connections, signal));
  }

  /** The state of each IKE SA of a connection, by its id, in charon's words. */
  async statesOf(connectionName: string, signal?: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const sas = await this.#listed(new Set([connectionName]), signal);
    return new Map(sas.map((sa) => [sa.text('uniqueid') ?? '', sa.text('state') ?? '']));
  }

  /** The same of those that have CHILD SAs: charon puts no other in the place of one without. */
  async carrying(connections: ReadonlySet<string>, signal?: AbortSignal): Promise<ReadonlySet<string>> {
    const sas = await this.#listed(connections, signal);
    return establishedIds(sas.filter((sa) => (sa.section('child-sas')?.sections() ?? []).length > 0));
  }

  /** Begins to put another IKE SA, with keys proved anew, in the place of one. That one may be gone by now. */
  async reauthenticate(ikeId: string, signal?: AbortSignal): Promise<void> {
    await isAccepted(this.#session.request('rekey', { 'ike-id': ikeId, reauth: 'yes' }, { signal }));
  }

  /** Begins to put new CHILD SAs in the place of one, or of all of a child. */
  async rekeyChild(which: { readonly child: string } | { readonly 'child-id': string }): Promise<void> {
    await isAccepted(this.#session.request('rekey', which));
  }

  /** Begins to end one CHILD SA, if it is still there. */
  async endChild(childId: string): Promise<void> {
    await this.#terminate({ 'child-id': childId, timeout: '-1' }, undefined);
  }

  /** Ends an IKE SA if it still is of no use, asked at the last moment. Whether it did. */
  async endIfIdle(
    { id, successors }: IdleIkeSa,
    idleSeconds: number,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const rows: Message[] = [];
    for (const one of [id, ...successors])
      rows.push(...(await this.#session.list('list-sas', 'list-sa', { 'ike-id': one }, { signal })));
    if (!idleIkeSas(rows, idleSeconds).some((idle) => idle.id === id)) return false;
    return this.#terminate({ 'ike-id': id, timeout: '-1' }, signal);
  }

  /** Begins to end one IKE SA, if it is still there. */
  async end(ikeId: string, signal?: AbortSignal): Promise<void> {
    await this.#terminate({ 'ike-id': ikeId, timeout: '-1' }, signal);
  }

  close(): void {
    for (const session of [this.#session, ...this.#waiting.all]) session.close();
  }

  async #listed(
    connections: ReadonlySet<string>,
    signal: AbortSignal | undefined,
  ): Promise<readonly Message[]> {
    const sas: Message[] = [];
    for (const ike of connections) {
      const rows = await this.#session.list('list-sas', 'list-sa', { ike }, { signal });
      for (const row of rows) sas.push(...row.sections().map(([, sa]) => sa));
    }
    return sas;
  }

  /** False when there was nothing to terminate. */
  async #terminate(
    message: { readonly [name: string]: string },
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    return isAccepted(this.#session.request('terminate', message, { signal }));
  }

  async #count(which: SaSelection, signal: AbortSignal | undefined): Promise<number> {
    const rows = await this.#session.list('list-sas', 'list-sa', which, { signal });
    const ikeSas = rows.flatMap((row) => row.sections().map(([, ikeSa]) => ikeSa));
    if (!('child' in which)) return ikeSas.length;
    return ikeSas
      .flatMap((ikeSa) => ikeSa.section('child-sas')?.sections() ?? [])
      .filter(([, sa]) => sa.text('name') === which.child && sa.text('state') !== 'DELETED').length;
  }
}

function listedIkeSa(connectionName: string, sa: Message): ListedIkeSa {
  const children = sa.section('child-sas')?.sections() ?? [];
  const childNames = children.flatMap(([, child]) => child.text('name') ?? []);
  return { id: sa.text('uniqueid') ?? '', connectionName, state: sa.text('state') ?? '', childNames };
}

function establishedIds(sas: readonly Message[]): ReadonlySet<string> {
  return new Set(
    sas.flatMap((sa) => (sa.text('state') === 'ESTABLISHED' ? (sa.text('uniqueid') ?? []) : [])),
  );
}

/** `absent`: charon found nothing to terminate. */
async function outcomeOf(answer: Promise<unknown>): Promise<'done' | 'absent' | 'failed'> {
  try {
    await answer;
    return 'done';
  } catch (error) {
    if (error instanceof DatapathRefusedError) return /no matching/.test(error.message) ? 'absent' : 'failed';
    throw error;
  }
}

async function isAccepted(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer;
    return true;
  } catch (error) {
    if (error instanceof DatapathRefusedError) return false;
    throw error;
  }
}
