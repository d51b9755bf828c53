/**
 * One thing wrong with a value: ONTAP's code, the field in ONTAP's dotted spelling, and a sentence that says what to
 * change. Validation returns all of them at once and never throws.
 */
export interface Problem {
  readonly code: string;
  readonly target: string;
  readonly message: string;
}
