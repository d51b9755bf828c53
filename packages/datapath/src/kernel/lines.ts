import type { Readable } from 'node:stream';

/**
 * Calls back with every whole line of a stream. Errors stay the stream's (an interface of node:readline would emit them
 * once more). A line may be megabytes long.
 */
export function onLines(stream: Readable, line: (text: string) => void): void {
  let begun: string[] = [];
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const [first = '', ...others] = chunk.split('\n');
    begun.push(first);
    for (const other of others) {
      line(begun.join(''));
      begun = [other];
    }
  });
}
