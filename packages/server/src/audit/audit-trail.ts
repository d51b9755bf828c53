import { AsyncLocalStorage } from 'node:async_hooks';
import type { AuditedCommit, AuditSource, DesiredState } from '@esplanade/desired';
import type { Reference } from '@esplanade/domain';
import type { ApiResponse, ToldRequest } from '@esplanade/ontap';
import type { RefusalAnswer } from '../app.ts';
import { errorBody } from '../edge/edge-error.ts';
import type { IdentifiedRequest } from '../identified-request.ts';
import { type Log, logFailure } from '../log.ts';
import { auditErrors } from '../resources/audit-error-codes.ts';
import { reasonOf } from '../settings.ts';
import { type AuditEntry, type AuditState, auditText } from './audit-entry.ts';
import { AuditedRequest, failureMessage } from './audited-request.ts';
import { internalInput } from './internal-audit.ts';
import { gapSentence, MissingEntries } from './missing-entries.ts';

/** What the trail asks of the API. */
export interface AuditedApi {
  handle(request: IdentifiedRequest): Promise<ApiResponse>;
  tell(request: IdentifiedRequest): ToldRequest;
}

/** What the trail writes to, and whose names it writes. */
type Records = Pick<DesiredState, 'snapshot' | 'audit'>;

/** Parts of an entry that whoever asks for one must know. */
export type EntryParts = Omit<AuditEntry, 'timestamp' | 'node'>;

/**
 * Writes the entries of the audit log. Each change carries one in its own commit, made here of the request that is under way; a
 * request that changed nothing, or failed, has one on disk before it is answered.
 */
export class AuditTrail {
  /** Gives each commit its entry. */
  readonly source: AuditSource = {
    auditEntry: (commit) => this.#commitEntry(commit),
    onAudited: () => {
      this.#requests.getStore()?.committed();
      void this.#written();
    },
    onBroken: (sentence) => this.#log.error(sentence),
  };
  readonly #requests = new AsyncLocalStorage<AuditedRequest>();
  readonly #log: Log;
  readonly #nowMs: () => number;
  #records: Records | undefined;
  #onEntry: () => void = () => undefined;
  readonly #missing = new MissingEntries();

  constructor(log: Log, nowMs: () => number = Date.now) {
    this.#log = log;
    this.#nowMs = nowMs;
  }

  /** Says what is written to, once it is open, and whom to tell of each entry that is on disk. */
  begin(records: Records, onEntry: () => void): void {
    this.#records = records;
    this.#onEntry = onEntry;
  }

  /** Told of each record of a request for several whose turn has come. */
  turnTo(record: number | string): void {
    const request = this.#requests.getStore();
    if (request !== undefined) request.record = record;
  }

  /** Answers a request, and keeps what has to be kept of it. What would change something and cannot be kept is answered 503. */
  async answer(request: IdentifiedRequest, api: AuditedApi): Promise<ApiResponse> {
    if (!changes(request.method)) {
      const response = await api.handle(request);
      if (this.#isKept(response.status)) await this.#addOutcome(this.#audited(request, api), response);
      return response;
    }
    const audited = this.#audited(request, api);
    const response = await this.#requests.run(audited, () => api.handle(request));
    audited.isOver = true;
    if (response.status < 400 && audited.commits > 0) return response;
    const reason = await this.#addOutcome(audited, response);
    // What cannot be saved is said so already.
    return reason === undefined || response.status >= 500 ? response : unrecorded(reason, response);
  }

  /** Keeps a request that was refused before it came to the API. Tells what to answer instead where it could not. */
  async refusedBefore(
    request: IdentifiedRequest,
    api: AuditedApi,
    status: number,
  ): Promise<RefusalAnswer | undefined> {
    const mutates = changes(request.method);
    if (!mutates && !this.#isKept(status)) return undefined;
    const reason = await this.#addOutcome(this.#audited(request, api), { status });
    return reason === undefined || !mutates || status >= 500 ? undefined : unrecordedAnswer(reason);
  }

  /** Adds an entry that belongs to no request; one that cannot be written is counted and told in the log. */
  async add(parts: EntryParts): Promise<void> {
    await this.#add(this.entryText(parts));
  }

  /** The text of an entry that somebody else writes. */
  entryText(parts: EntryParts): string {
    return auditText({ ...parts, timestamp: new Date(this.#nowMs()).toISOString(), node: this.#node() });
  }

  #commitEntry(commit: AuditedCommit): string {
    const state: AuditState = commit.isPreparation ? 'pending' : 'success';
    const request = this.#requests.getStore();
    if (request !== undefined && !request.isOver) return request.commitEntry(state);
    return this.entryText({ application: 'internal', state, input: internalInput(commit) });
  }

  /** Which GETs are kept: those that the account may not make, and all of them where the settings say so. */
  #isKept(status: number): boolean {
    const isRefused = status === 401 || status === 403;
    return isRefused || this.#records?.snapshot().auditSettings.value.auditsReads === true;
  }

  #audited(request: IdentifiedRequest, api: AuditedApi): AuditedRequest {
    const { principal, remoteAddress, requestId } = request;
    const told = api.tell(request);
    return new AuditedRequest(
      {
        node: this.#node(),
        user: principal.account,
        role: principal.role,
        svm: this.#svmOf(request, told),
        location: remoteAddress,
        session: requestId,
        told,
      },
      this.#nowMs,
    );
  }

  /** Whose request it is: its account's SVM, or the one to which an administrator narrowed what can be an SVM's. */
  #svmOf(
    { principal, tunnelSvmName: name, tunnelSvmUuid }: IdentifiedRequest,
    { isOfSvms }: ToldRequest,
  ): Reference | undefined {
    const svms = this.#records?.snapshot().svms;
    if (principal.svmUuid !== undefined) return svms?.get(principal.svmUuid)?.value;
    if (!isOfSvms) return undefined;
    const svm = tunnelSvmUuid === undefined ? undefined : svms?.get(tunnelSvmUuid)?.value;
    if (svm !== undefined || name === undefined) return svm;
    for (const { value } of svms?.values() ?? []) if (value.name === name) return value;
    return undefined;
  }

  #node(): Reference | undefined {
    return this.#records?.snapshot().node;
  }

  #addOutcome(audited: AuditedRequest, { status, failure }: Pick<ApiResponse, 'status' | 'failure'>) {
    const failed = status >= 400;
    const message = failed ? failureMessage(status, failure) : undefined;
    return this.#add(audited.outcomeEntry(failed ? 'error' : 'success', message));
  }

  /** Tells why an entry could not be written. */
  async #add(text: string): Promise<string | undefined> {
    try {
      await this.#records?.audit(text);
    } catch (error) {
      const isFirst = this.#missing.add(this.#nowMs());
      if (isFirst) logFailure(this.#log, 'the audit log cannot be written', error);
      return reasonOf(error);
    }
    await this.#written();
    return undefined;
  }

  /** After an entry is on disk: tells of it, and adds the one that stands for those before it that could not be written. */
  async #written(): Promise<void> {
    this.#onEntry();
    const gap = this.#missing.take();
    if (gap === undefined) return;
    const parts: EntryParts = { application: 'internal', state: 'error', input: 'Audit log' };
    try {
      await this.#records?.audit(this.entryText({ ...parts, message: gapSentence(gap) }));
    } catch (error) {
      this.#missing.putBack(gap);
      this.#log.warn(`the audit log cannot be told what it lacks: ${reasonOf(error)}`);
      return;
    }
    this.#log.warn(`the audit log is written again; it lacks ${gap.count} entries, and says so`);
    this.#onEntry();
  }
}

function changes(method: string): boolean {
  return !['GET', 'HEAD', 'OPTIONS'].includes(method);
}

function unrecorded(reason: string, { headers }: ApiResponse): ApiResponse {
  return {
    ...unrecordedAnswer(reason),
    headers: { 'content-type': headers['content-type'] ?? 'application/json' },
  };
}

function unrecordedAnswer(why: string): RefusalAnswer {
  const { notRecorded } = auditErrors;
  return { status: notRecorded.status, body: errorBody(notRecorded, { why }) };
}
