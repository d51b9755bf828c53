import type { CaRevocationList, DesiredState, Versioned } from '@esplanade/desired';
import { checkRevocationList, type PublicCertificate, type RevocationList } from '@esplanade/domain';
import type { SteadyClock } from '@esplanade/reconciler';
import { UnavailableError } from '@esplanade/store';
import { nextFetchDelayMs, retryDelayMs } from './fetch-times.ts';
import type { Fetch, Fetched } from './guarded-fetch.ts';

/** What came of the last fetch of a list since the server began. */
export interface LastFetch {
  readonly atMs: number;
  /** Why there is no list of it, a sentence. */
  readonly error?: string;
}

/** What is worth a line in the log. */
export interface FetchNews {
  readonly kind: 'trouble' | 'better';
  readonly sentence: string;
}

/** What the refresh works on and with. */
export interface RefreshOptions {
  readonly desired: Pick<DesiredState, 'snapshot' | 'subscribe' | 'updateRevocationList'>;
  readonly fetch: Fetch;
  readonly clock: SteadyClock;
  /** In [0, 1); spreads fetches. */
  readonly random: () => number;
  /** Hears when lists begin to fail to come, and when they come again. */
  readonly onNews: (news: FetchNews) => void;
  /** Hears of what should never happen; that list is tried again. */
  readonly onUnexpected: (error: unknown) => void;
}

const concurrentFetches = 4;
/** Between the beginnings of two fetches of one record, whoever asks. */
const leastPauseMs = 10_000;
/** Every list there is, spread a little, when the server begins. */
const firstPauseMs = 5_000;
const mostConflicts = 5;

/**
 * Keeps revocation lists new: fetches each that has a URL at once, well before the next one is due, and again after a
 * failure. Owners take turns, so that one with many slow lists holds up no other. A list is taken only if its CA has
 * signed it and it is newer; until then the one before stays.
 */
export class RevocationListRefresh {
  readonly #options: RefreshOptions;
  readonly #jobs = new Map<string, Job>();
  readonly #unsubscribe: () => void;
  /** By owner (SVM or cluster), whose turn is next first. Never holds an empty queue. */
  readonly #waiting = new Map<string, Job[]>();
  /** When a fetch of a record began last, also of one that was deleted and made anew. */
  readonly #begunMs = new Map<string, number>();
  readonly #running = new Set<Promise<void>>();
  #seen: ReadonlyMap<string, Versioned<CaRevocationList>> | undefined;
  #isClosed = false;

  constructor(options: RefreshOptions) {
    this.#options = options;
    const { desired, random } = options;
    this.#unsubscribe = desired.subscribe(({ revocationLists }) => this.#follow(revocationLists, 0));
    this.#follow(desired.snapshot().revocationLists, firstPauseMs * random());
  }

  /** `undefined` where nothing was fetched yet. */
  lastFetch(certificateUuid: string): LastFetch | undefined {
    return this.#jobs.get(certificateUuid)?.last;
  }

  /** Fetches anew as soon as that may be, although the last fetch was good or is long not to be tried again. */
  fetchNow(certificateUuid: string): void {
    const job = this.#jobs.get(certificateUuid);
    if (job !== undefined) this.#renew(job);
  }

  /** Ends fetches under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#unsubscribe();
    for (const job of this.#jobs.values()) job.end();
    await Promise.all(this.#running);
  }

  #follow(lists: ReadonlyMap<string, Versioned<CaRevocationList>>, pauseMs: number): void {
    if (lists === this.#seen) return;
    this.#seen = lists;
    for (const [uuid, job] of this.#jobs) {
      const value = lists.get(uuid)?.value;
      if (value?.url === job.url) {
        // Somebody has taken the list away and counts on another one.
        if (job.hasList && value.list === undefined) this.#renew(job);
        else job.hasList = value.list !== undefined;
        continue;
      }
      job.end();
      this.#jobs.delete(uuid);
    }
    for (const [uuid, { value }] of lists) {
      if (value.url === undefined || this.#jobs.has(uuid)) continue;
      const job = new Job(uuid, value.url, value.list !== undefined);
      this.#jobs.set(uuid, job);
      this.#plan(job, Math.max(pauseMs, this.#leastDelayMs(uuid)));
    }
  }

  /** What is under way for a job is left; what came of it last is still told. */
  #renew(job: Job): void {
    job.end();
    const row = this.#rowOf(job);
    const next = new Job(job.uuid, job.url, row?.value.list !== undefined);
    next.last = job.last;
    this.#jobs.set(job.uuid, next);
    this.#plan(next, this.#leastDelayMs(job.uuid));
  }

  #leastDelayMs(uuid: string): number {
    const nowMs = this.#options.clock.steadyMs();
    for (const [other, begunMs] of this.#begunMs)
      if (begunMs + leastPauseMs <= nowMs) this.#begunMs.delete(other);
    const begunMs = this.#begunMs.get(uuid);
    return begunMs === undefined ? 0 : begunMs + leastPauseMs - nowMs;
  }

  #plan(job: Job, delayMs: number): void {
    if (this.#isClosed || job.ending.signal.aborted) return;
    job.cancel = this.#options.clock.after(delayMs, () => {
      const owner = this.#ownerOf(job);
      this.#waiting.set(owner, [...(this.#waiting.get(owner) ?? []), job]);
      this.#begin();
    });
  }

  #begin(): void {
    while (this.#running.size < concurrentFetches && !this.#isClosed) {
      const job = this.#nextInTurn();
      if (job === undefined) return;
      const running = this.#run(job).finally(() => {
        this.#running.delete(running);
        this.#begin();
      });
      this.#running.add(running);
    }
  }

  /** Of the owner who has waited longest, who then comes last. */
  #nextInTurn(): Job | undefined {
    const [turn] = this.#waiting;
    if (turn === undefined) return undefined;
    const [owner, [job, ...others]] = turn;
    this.#waiting.delete(owner);
    if (others.length > 0) this.#waiting.set(owner, others);
    return job;
  }

  #ownerOf({ uuid }: Job): string {
    const scope = this.#options.desired.snapshot().certificates.get(uuid)?.value.scope;
    return scope?.kind === 'svm' ? scope.svm.uuid : 'cluster';
  }

  async #run(job: Job): Promise<void> {
    const { clock, random, onUnexpected } = this.#options;
    if (job.ending.signal.aborted) return;
    this.#begunMs.set(job.uuid, clock.steadyMs());
    try {
      const fetched = await this.#options.fetch(job.url, job.ending.signal);
      if (job.ending.signal.aborted) return;
      const error = await this.#take(job, fetched);
      if (job.ending.signal.aborted) return;
      this.#note(job, error);
      const { list } = this.#rowOf(job)?.value ?? {};
      const delayMs =
        error === undefined
          ? nextFetchDelayMs(list, clock.nowMs(), random())
          : retryDelayMs(job.failures, random(), list, clock.nowMs());
      this.#plan(job, delayMs);
    } catch (error) {
      onUnexpected(error);
      this.#plan(job, retryDelayMs(job.failures, random()));
    }
  }

  /** Why what was fetched is not kept; `undefined` when it is. */
  async #take(job: Job, fetched: Fetched): Promise<string | undefined> {
    if (fetched.kind === 'failed') return fetched.why;
    for (let attempt = 0; attempt < mostConflicts; attempt += 1) {
      const row = this.#rowOf(job);
      const ca = this.#caOf(job);
      if (row === undefined || ca === undefined) return undefined;
      const before: RevocationList | undefined = row.value.list;
      const nowMs = this.#options.clock.nowMs();
      const checked = checkRevocationList(fetched.bytes, { ca, nowMs, ...(before && { before }) });
      if (checked.kind === 'invalid') return checked.problems.map(({ message }) => message).join(' ');
      if (checked.value.sha256 === before?.sha256) return undefined;
      const outcome = await this.#write({ ...row.value, list: checked.value }, row);
      if (outcome !== 'conflict') return outcome === 'written' ? undefined : outcome;
    }
    return 'Somebody else keeps changing the record.';
  }

  async #write(
    record: CaRevocationList,
    { modified }: Versioned<CaRevocationList>,
  ): Promise<'written' | 'conflict' | string> {
    try {
      const result = await this.#options.desired.updateRevocationList(record, modified);
      if (result.kind === 'refused') return result.problem.message;
      return result.kind === 'written' ? 'written' : 'conflict';
    } catch (error) {
      if (error instanceof UnavailableError) return `It could not be saved: ${error.message}.`;
      throw error;
    }
  }

  #rowOf({ uuid, url }: Job): Versioned<CaRevocationList> | undefined {
    const row = this.#options.desired.snapshot().revocationLists.get(uuid);
    return row?.value.url === url ? row : undefined;
  }

  #caOf({ uuid }: Job): PublicCertificate | undefined {
    return this.#options.desired.snapshot().certificates.get(uuid)?.value.content;
  }

  #note(job: Job, error: string | undefined): void {
    const { clock, desired, onNews } = this.#options;
    const before = job.last?.error;
    job.last = { atMs: clock.nowMs(), ...(error !== undefined && { error }) };
    job.failures = error === undefined ? 0 : job.failures + 1;
    const { name = job.uuid, scope } = desired.snapshot().certificates.get(job.uuid)?.value ?? {};
    const owner = scope?.kind === 'svm' ? `SVM "${scope.svm.name}"` : 'the cluster';
    const what = `the revocation list of CA certificate "${name}" of ${owner}`;
    if (error !== undefined && error !== before)
      onNews({ kind: 'trouble', sentence: `${what} could not be fetched: ${error}` });
    if (error === undefined && before !== undefined)
      onNews({ kind: 'better', sentence: `${what} was fetched again` });
  }
}

/** One list that is fetched from one URL. */
class Job {
  readonly uuid: string;
  readonly url: string;
  readonly ending = new AbortController();
  cancel: () => void = () => undefined;
  last: LastFetch | undefined;
  /** In a row. */
  failures = 0;

  /** Whether a list was there when this was last looked at. */
  hasList: boolean;

  constructor(uuid: string, url: string, hasList: boolean) {
    this.uuid = uuid;
    this.url = url;
    this.hasList = hasList;
  }

  end(): void {
    this.ending.abort();
    this.cancel();
  }
}
