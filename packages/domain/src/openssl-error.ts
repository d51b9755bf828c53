/** Whether an error is what Node's crypto throws for input that OpenSSL does not take. */
export function isOpensslError(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return typeof error.code === 'string' && /^ERR_(OSSL|CRYPTO|MISSING_PASSPHRASE)/.test(error.code);
}
