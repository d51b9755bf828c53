import type { ClockSetting, SimulatorClock } from '../simulator.ts';

/** A clock that goes with that of the machine, some time ahead of it, or stands still. */
export class AdjustableClock implements SimulatorClock {
  readonly #machineNowMs: () => number;
  #aheadMs = 0;
  #stoppedAtMs: number | undefined;

  constructor(machineNowMs: () => number) {
    this.#machineNowMs = machineNowMs;
  }

  nowMs(): number {
    return this.#stoppedAtMs ?? this.#machineNowMs() + this.#aheadMs;
  }

  get isRunning(): boolean {
    return this.#stoppedAtMs === undefined;
  }

  get aheadSeconds(): number {
    return Math.round((this.nowMs() - this.#machineNowMs()) / 1_000);
  }

  set({ aheadSeconds, isRunning = this.isRunning }: ClockSetting): void {
    const machineMs = this.#machineNowMs();
    const nowMs = aheadSeconds === undefined ? this.nowMs() : machineMs + aheadSeconds * 1_000;
    this.#aheadMs = nowMs - machineMs;
    this.#stoppedAtMs = isRunning ? undefined : nowMs;
  }
}
