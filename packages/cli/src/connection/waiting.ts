import type { Transport } from '@esplanade/sdk';
import { printable } from '../output/printable.ts';
import type { Terminal } from '../terminal.ts';

/** A line for people that is gone when what it tells of is over; on what is no terminal there is none. */
export interface WaitingLine {
  show(text: string): void;
  clear(): void;
}

const clearedLine = '\r\x1b[K';

/** One on a terminal. */
export function waitingLine(terminal: Terminal): WaitingLine {
  let isShown = false;
  return {
    show: (text) => {
      if (!terminal.canAsk) return;
      terminal.note(`${clearedLine}${printable(text).slice(0, terminal.columns - 1)}`);
      isShown = true;
    },
    clear: () => {
      if (isShown) terminal.note(clearedLine);
      isShown = false;
    },
  };
}

/** Nobody wonders earlier. */
const patienceMs = 2000;

/**
 * The transport, which tells so when its first answer is long in coming. One that has answered is not told of: views are on
 * the screen by then, and say so themselves.
 */
export function tellingOfWait(transport: Transport, server: string, line: WaitingLine): Transport {
  let asked = 0;
  let hasAnswered = false;
  let timer: NodeJS.Timeout | undefined;
  return async (request) => {
    if (hasAnswered) return transport(request);
    asked += 1;
    timer ??= setTimeout(() => line.show(`Waiting for ${server} ...`), patienceMs);
    try {
      const answer = await transport(request);
      hasAnswered = true;
      return answer;
    } finally {
      asked -= 1;
      if (timer !== undefined && (hasAnswered || asked === 0)) {
        clearTimeout(timer);
        timer = undefined;
        line.clear();
      }
    }
  };
}
