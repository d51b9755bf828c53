/** An expectation of a commit did not hold; nothing was written. `key` is the first key that failed. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
  readonly key: string;

  constructor(key: string) {
    super(`the stored value of ${key} is not what the commit expected`);
    this.key = key;
  }
}

/** The history a watch asked for is gone: list again and watch from there. */
export class CompactedError extends Error {
  override readonly name = 'CompactedError';
}

/** The engine cannot serve now (disk full, closed, quorum lost). Nothing was half-written; the caller may retry. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}

/** The data cannot be opened by this program at all: locked, newer schema, wrong key. Nothing was touched. */
export class StoreOpenError extends Error {
  override readonly name = 'StoreOpenError';
}
