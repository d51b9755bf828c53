import { Histogram } from './histogram.ts';

const everyMs = 50;
const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] as const;

/**
 * How late the event loop comes to what is due, asked twenty times a second: what every request waits for besides its own work. What
 * holds it up for longer than that is seen once, with all its length.
 */
export class EventLoopDelay {
  readonly #histogram = new Histogram(bounds);
  readonly #timer: NodeJS.Timeout;

  constructor() {
    let dueMs = performance.now() + everyMs;
    this.#timer = setInterval(() => {
      const nowMs = performance.now();
      this.#histogram.observe('', Math.max(0, nowMs - dueMs) / 1_000);
      dueMs = nowMs + everyMs;
    }, everyMs).unref();
  }

  family(): string {
    return this.#histogram.family(
      'esplanade_event_loop_delay_seconds',
      'How late the event loop came to what was due, asked every 50 ms.',
    );
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
