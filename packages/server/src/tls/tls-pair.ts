/** A certificate chain and its key, PEM. */
export interface TlsPair {
  readonly certificate: string;
  readonly key: string;
}
