/** A connection to one API. */
export interface Api {
  readonly url: URL;
}
