/** A backup could not be made, is not good, or does not go with the key file. The message says all. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}
