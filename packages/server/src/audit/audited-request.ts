import type { Reference } from '@esplanade/domain';
import type { ApiFailure, ToldParts, ToldRequest } from '@esplanade/ontap';
import { type AuditEntry, type AuditState, auditText } from './audit-entry.ts';

/** Who asks for what, from where. */
export interface Asking {
  readonly node: Reference | undefined;
  readonly user: string;
  readonly role: string;
  readonly svm: Reference | undefined;
  readonly location: string | undefined;
  readonly session: string;
  readonly told: ToldRequest;
}

/** A request whose entries are being written: each commit that it makes has one, and its outcome where no commit tells it. */
export class AuditedRequest {
  readonly #asking: Asking;
  readonly #nowMs: () => number;
  /** The record of several whose turn it is: its place in the body, or its key. */
  record: number | string | undefined;
  /** Nothing that goes on after the answer is the request's any more. */
  isOver = false;
  #accepted: ToldParts | undefined;
  #entries = 0;
  #commits = 0;

  constructor(asking: Asking, nowMs: () => number) {
    this.#asking = asking;
    this.#nowMs = nowMs;
  }

  /** How many of its commits are on disk. */
  get commits(): number {
    return this.#commits;
  }

  /** Told when a commit is on disk. */
  committed(): void {
    this.#commits += 1;
  }

  /** The entry of a commit that is about to be made for the record whose turn it is: what is in that was accepted. */
  commitEntry(state: AuditState): string {
    this.#accepted ??= this.#asking.told.tell('accepted');
    const { line, body, records } = this.#accepted;
    const { record } = this;
    if (typeof record === 'number')
      return this.#text(state, `${line} records[${record}] : ${records?.[record] ?? ''}`);
    return this.#text(state, `${line}${record === undefined ? '' : ` (${record})`}${described(body)}`);
  }

  /** The entry of the request as a whole. Nobody may have looked at its free texts, so none is in it. */
  outcomeEntry(state: AuditState, message: string | undefined): string {
    const { line, body, records } = this.#asking.told.tell('checked');
    const told = records === undefined ? body : `{"records":[${records.join()}]}`;
    return this.#text(state, `${line}${described(told)}`, message);
  }

  #text(state: AuditState, input: string, message?: string): string {
    this.#entries += 1;
    const { told: _told, ...who } = this.#asking;
    const entry: AuditEntry = {
      ...who,
      timestamp: new Date(this.#nowMs()).toISOString(),
      application: 'http',
      command: this.#entries,
      state,
      input,
      message,
    };
    return auditText(entry);
  }
}

/**
 * Why a request failed, as it may be kept: the codes, and of each sentence the words without what was quoted in it, because
 * that may be a secret in the wrong place.
 */
export function failureMessage(status: number, failure: ApiFailure | undefined): string {
  const problems = failure?.problems ?? [];
  const told = problems.map(({ code, wording }) =>
    wording === undefined ? code : `${code} ${wording.template.replace(/\{\w+\}/g, '…')}`,
  );
  return [`HTTP ${status}`, ...new Set(told)].join('; ').slice(0, 500);
}

function described(body: string | undefined): string {
  return body === undefined ? '' : ` : ${body}`;
}
