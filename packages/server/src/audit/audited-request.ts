import type { Reference } from '@esplanade/domain';
import type { ApiFailure, ToldRequest } from '@esplanade/ontap';
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

  /** The entry of a commit that is about to be made for the record whose turn it is. */
  commitEntry(state: AuditState): string {
    const { line, body, records } = this.#asking.told;
    const { record } = this;
    if (typeof record === 'number')
      return this.#text(state, `${line} records[${record}] : ${records?.[record] ?? ''}`);
    return this.#text(state, `${line}${record === undefined ? '' : ` (${record})`}${described(body)}`);
  }

  /** The entry of the request as a whole. Of fields whose values were refused only the names are in it (`refused`). */
  outcomeEntry(state: AuditState, message: string | undefined, refused: readonly string[]): string {
    const { body, records } = this.#asking.told;
    const line = withoutParameters(this.#asking.told.line, refused);
    if (records === undefined)
      return this.#text(state, `${line}${described(body && withoutValues(body, refused))}`, message);
    const told = records.map((record) => withoutValues(record, refused));
    return this.#text(state, `${line} : {"records":[${told.join()}]}`, message);
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

/** The fields in which something cannot be, or is nowhere: it may be a secret that belongs elsewhere. */
export function refusedFields(status: number, failure: ApiFailure | undefined): readonly string[] {
  if (status !== 400 && status !== 404) return [];
  return (failure?.problems ?? []).flatMap(({ target }) => (target === undefined ? [] : [target]));
}

/** A record as it is told, without the values of those fields, of what is within them, and of what they are within. */
function withoutValues(record: string, fields: readonly string[]): string {
  if (fields.length === 0 || !record.startsWith('{')) return record;
  const members: readonly (readonly [string, unknown])[] = Object.entries(JSON.parse(record));
  const isRefused = (name: string): boolean =>
    fields.some((field) => `.${field}`.endsWith(`.${name}`) || name.startsWith(`${field}.`));
  return JSON.stringify(
    Object.fromEntries(members.map(([name, value]) => [name, isRefused(name) ? untold : value])),
  );
}

/** A query up to the first of those fields: a value may hold what would end it. */
function withoutParameters(line: string, fields: readonly string[]): string {
  const places = fields.flatMap((field) =>
    ['?', '&'].map((mark) => line.indexOf(`${mark}${field}=`)).filter((place) => place >= 0),
  );
  return places.length === 0 ? line : `${line.slice(0, Math.min(...places) + 1)}${untold}`;
}

const untold = '…';

function described(body: string | undefined): string {
  return body === undefined ? '' : ` : ${body}`;
}
