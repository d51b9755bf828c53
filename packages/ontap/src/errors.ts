/** The words of a sentence apart from what was told of the case in it, `{name}` standing for each value. */
export interface Wording {
  readonly template: string;
  readonly values: Readonly<Record<string, string>>;
}

/** One problem on the wire: ONTAP's code (a string), a sentence, the field. */
export interface ApiProblem {
  readonly code: string;
  readonly message: string;
  readonly target?: string;
  /** How `message` was made, for those who say it in other words. Not on the wire. */
  readonly wording?: Wording;
}

/**
 * A request that cannot be served, with everything wrong with it: the first problem is ONTAP's `error`, the others
 * its `arguments`. The status comes from the error catalogue by the first code.
 */
export interface ApiFailure {
  readonly kind: 'failure';
  readonly problems: readonly [ApiProblem, ...ApiProblem[]];
  /** Overrides the catalogue's status. */
  readonly status?: number;
}

/** Tells a failure from whatever else a descriptor's function may answer. */
export function isFailure(value: unknown): value is ApiFailure {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    value.kind === 'failure' &&
    'problems' in value &&
    Array.isArray(value.problems)
  );
}

/** The failure that reports all of `problems`, or undefined when there are none. */
export function failureOf(problems: readonly ApiProblem[]): ApiFailure | undefined {
  const [first, ...others] = problems;
  return first === undefined ? undefined : { kind: 'failure', problems: [first, ...others] };
}

/** ONTAP's `error` member: the first problem, the others as its `arguments` (codes are strings, as real systems send). */
export function errorMember(failure: ApiFailure): Readonly<Record<string, unknown>> {
  const [first, ...others] = failure.problems;
  return {
    message: first.message,
    code: first.code,
    ...(first.target === undefined ? {} : { target: first.target }),
    ...(others.length === 0 ? {} : { arguments: others.map(({ code, message }) => ({ code, message })) }),
  };
}

/** Thrown where rows are read in turns and no failure can be answered any more: the failure is the request's answer. */
export class FailureError extends Error {
  override readonly name = 'FailureError';
  readonly failure: ApiFailure;

  constructor(failure: ApiFailure) {
    super(failure.problems[0].message);
    this.failure = failure;
  }
}
