import { Worker } from 'node:worker_threads';

/** No input is waited for longer: a loop without end stops the only thread that could tell of it. */
const deadlineMs = 60_000;
const mostBytes = 1 << 21;

/** Runs beside the thread that is watched: prints the input that holds it up, and ends the process. */
const watch = `
  const { workerData } = require('node:worker_threads');
  const { writeSync } = require('node:fs');
  const state = new Int32Array(workerData, 0, 2);
  let last = -1;
  setInterval(() => {
    const turn = Atomics.load(state, 0);
    const isBusy = turn % 2 === 1;
    if (isBusy && turn === last) {
      const input = Buffer.from(workerData, 8, Atomics.load(state, 1)).toString('base64');
      writeSync(2, 'an input is read without end; in base64: ' + input + '\\n');
      process.kill(process.pid, 'SIGKILL');
    }
    last = turn;
  }, ${deadlineMs});
`;

/** Ends the process, and says why, when an input takes no end. */
export class StallWatch {
  readonly #memory = new SharedArrayBuffer(8 + mostBytes);
  readonly #state = new Int32Array(this.#memory, 0, 2);
  readonly #input = new Uint8Array(this.#memory, 8);
  readonly #worker = new Worker(watch, { eval: true, workerData: this.#memory });

  begins(input: Uint8Array): void {
    const kept = input.subarray(0, mostBytes);
    this.#input.set(kept);
    Atomics.store(this.#state, 1, kept.length);
    Atomics.add(this.#state, 0, 1);
  }

  ends(): void {
    Atomics.add(this.#state, 0, 1);
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
