import type { Write } from '../store.ts';
import { openEmbeddedStore } from './embedded-store.ts';

/**
 * Run as a process of its own, to be killed: concurrent writers on the store of a directory, each printing
 * `WRITER NUMBER REVISION` once a commit is acknowledged. Arguments: directory, round, number of writers.
 */
const [directory = '', round = '', writers = ''] = process.argv.slice(2);
const store = await openEmbeddedStore({ directory });

async function writeForever(writer: number): Promise<never> {
  for (let number = 0; ; number += 1) {
    // Sizes from a few bytes to several database pages: a torn write must have something to tear.
    const value = `${round} ${writer} ${number} `.padEnd(10 ** (number % 5), '.');
    const put = (half: string): Write => ({
      kind: 'put',
      key: `${round}/${writer}/${number}/${half}`,
      value,
      expect: { kind: 'absent' },
    });
    const last: Write = {
      kind: 'put',
      key: `${round}/${writer}/last`,
      value: `${number}`,
      expect: { kind: 'any' },
    };
    const entry: Write = {
      kind: 'append',
      log: 'log',
      entry: `${round} ${writer} ${number}`,
      linkKey: new Uint8Array(32),
      begins: true,
    };
    const revision = await store.commit([put('first'), last, put('second'), entry]);
    // A full pipe makes the writer wait: its next commit must not overtake the acknowledgement of this one.
    await new Promise((resolve) => process.stdout.write(`${writer} ${number} ${revision}\n`, resolve));
  }
}

await Promise.all(Array.from({ length: Number(writers) }, (_, writer) => writeForever(writer)));
