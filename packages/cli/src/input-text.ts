import { isUtf8 } from 'node:buffer';
import { misused } from './parse.ts';

/** Servers take bodies of 1 MiB; bundles of authorities and scripts for the shell are a little larger. */
const mostMebibytes = 16;

/**
 * All of a file or of standard input, which is text in UTF-8, without a byte order mark. Rejects with a CommandError `misused`,
 * in which it is called `name`, when it is anything else: were the bytes that are wrong replaced, as Node does of its own,
 * different secrets would be the same. So it does with what is larger than 16 MiB, and may never end.
 */
export async function readText(name: string, source: AsyncIterable<Uint8Array | string>): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of source) {
    const bytes = Buffer.from(part);
    parts.push(bytes);
    size += bytes.length;
    if (size > mostMebibytes * 1024 * 1024) throw unreadable(name, `it is larger than ${mostMebibytes} MiB`);
  }
  const bytes = Buffer.concat(parts);
  if (!isUtf8(bytes)) throw unreadable(name, notUtf8);
  return new TextDecoder().decode(bytes);
}

const notUtf8 = 'it is not text in UTF-8';

/** For what cannot be taken, with the reason as a sentence without its end. */
export function unreadable(name: string, reason: string): Error {
  return misused(`${name} cannot be read: ${reason}.`);
}
