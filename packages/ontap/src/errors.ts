/** One problem on the wire: ONTAP's code (a string), a sentence, the field. */
export interface ApiProblem {
  readonly code: string;
  readonly message: string;
  readonly target?: string;
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
