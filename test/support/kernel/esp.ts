import { spawnSync } from 'node:child_process';

const state =
  'ip xfrm state add src 127.0.0.1 dst 127.0.0.2 proto esp spi 0x1000 mode transport ' +
  "aead 'rfc4106(gcm(aes))' 0x0123456789abcdef0123456789abcdef01234567 128";

/**
 * Whether this kernel installs ESP SAs for us: tries one in a network namespace of its own, which is gone afterwards.
 * False also where we may not create a namespace.
 */
export function kernelHasEsp(): boolean {
  const isRoot = process.getuid?.() === 0;
  const attempt = spawnSync('unshare', [isRoot ? '-n' : '-rn', 'sh', '-c', state], { timeout: 10_000 });
  return isRoot && attempt.status === 0;
}
