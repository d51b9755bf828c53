import type { RefusalReason } from '../logins/login-result.ts';
import { family, labelsOf } from './exposition.ts';
import { Histogram } from './histogram.ts';

const methods: readonly string[] = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PATCH', 'DELETE'];

/** All there are: each is there from the start, so that an alert sees the first one. */
const reasons = Object.keys({
  'nothing-shown': true,
  'password-wrong': true,
  'certificate-wrong': true,
  'account-locked': true,
  'too-many-failures': true,
  'too-many-at-once': true,
} satisfies Record<RefusalReason, true>);

/** What is known of an answer. */
export interface Answered {
  readonly method: string;
  /** The template of the path, never the path itself; undefined where nothing is served. */
  readonly route: string | undefined;
  readonly status: number;
  readonly seconds: number;
}

/**
 * Counts requests and logins for `/metrics`. The series are bounded by what the server serves: its routes, a handful of methods and
 * classes of statuses; whatever else is asked for is `other`.
 */
export class RequestMeter {
  readonly #counts = new Map<string, number>();
  readonly #durations = new Histogram();
  readonly #refusedLogins = new Map(reasons.map((reason) => [labelsOf({ reason }), 0] as const));

  /** Counts one answer. */
  answered({ method, route = 'other', status, seconds }: Answered): void {
    const known = methods.includes(method) ? method : 'other';
    const labels = labelsOf({ method: known, route });
    count(this.#counts, `${labels},status="${Math.floor(status / 100)}xx"`);
    this.#durations.observe(labels, seconds);
  }

  /** Counts a request that was not let in. */
  loginRefused(reason: RefusalReason): void {
    count(this.#refusedLogins, labelsOf({ reason }));
  }

  families(): string {
    return [
      family('esplanade_requests_total', 'counter', 'Requests answered.', this.#counts),
      this.#durations.family(
        'esplanade_request_duration_seconds',
        'From the head of a request to its answer.',
      ),
      family(
        'esplanade_login_failures_total',
        'counter',
        'Requests that were not let in for want of a login.',
        this.#refusedLogins,
      ),
    ].join('');
  }
}

function count(counts: Map<string, number>, labels: string): void {
  counts.set(labels, (counts.get(labels) ?? 0) + 1);
}
