/** Something that somebody should look at. */
export interface Attention {
  /** `error`: something that is wanted does not work. `warning`: it works, and may not for long or not for all. */
  readonly severity: 'error' | 'warning';
  readonly subject: string;
  /** Which, where several are in the same trouble. */
  readonly names?: readonly string[];
  readonly sentence: string;
}
