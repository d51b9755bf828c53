/** The datapath gives no answer (socket gone, deadline passed). Retry later; nothing is known to have changed. */
export class DatapathUnavailableError extends Error {
  override readonly name = 'DatapathUnavailableError';
}

/** The datapath answered no. `message` is what it said; retrying the same will not help until something changes. */
export class DatapathRefusedError extends Error {
  override readonly name = 'DatapathRefusedError';
}
