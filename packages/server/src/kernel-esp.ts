import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { gunzipSync } from 'node:zlib';

/**
 * Whether this kernel can do ESP over IPv4, as far as an unprivileged process can tell: the module is loaded, built in
 * or there to be loaded, or the kernel's configuration says so.
 */
export function kernelHasEsp(read: (path: string) => Buffer | undefined = readIfThere): boolean {
  const modules = `/lib/modules/${release()}`;
  const text = (path: string): string => read(path)?.toString('latin1') ?? '';
  if (/^esp4 /m.test(text('/proc/modules'))) return true;
  if (/\/esp4\.ko/m.test(text(`${modules}/modules.builtin`))) return true;
  if (/\/esp4\.ko[.a-z]*:/m.test(text(`${modules}/modules.dep`))) return true;
  const packed = read('/proc/config.gz');
  return packed !== undefined && /^CONFIG_INET_ESP=y$/m.test(gunzipSync(packed).toString('latin1'));
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    // What cannot be read tells nothing: a container often hides these files.
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') return undefined;
    throw error;
  }
}
