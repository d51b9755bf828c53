import type { ApiRequest, ApiResponse } from '@esplanade/sdk';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { recordingTerminal } from '../testing/recording-terminal.ts';
import { tellingOfWait, waitingLine } from './waiting.ts';

const request: ApiRequest = { method: 'GET', url: new URL('https://a/api/cluster'), headers: {} };
const answer: ApiResponse = { status: 200, header: () => undefined, text: '{}' };
const told = '\r\x1b[KWaiting for a:8443 ...';
const cleared = '\r\x1b[K';

describe('a server that is asked', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** A transport whose answers come when they are let go. */
  function slow(terminal = recordingTerminal({ columns: 80, answers: [] })) {
    const waiting: PromiseWithResolvers<ApiResponse>[] = [];
    const transport = tellingOfWait(
      () => {
        const one = Promise.withResolvers<ApiResponse>();
        waiting.push(one);
        return one.promise;
      },
      'a:8443',
      waitingLine(terminal),
    );
    return { terminal, waiting, ask: () => transport(request) };
  }

  it('is told of when its first answer is long in coming, in a line that goes with the answer', async () => {
    const { terminal, waiting, ask } = slow();
    const [one, other] = [ask(), ask()];
    vi.advanceTimersByTime(1999);
    expect(terminal.notes).toBe('');
    vi.advanceTimersByTime(1);
    expect(terminal.notes).toBe(told);
    waiting[0]?.resolve(answer);
    expect(await one).toBe(answer);
    expect(terminal.notes).toBe(told + cleared);
    waiting[1]?.resolve(answer);
    await other;
    expect(terminal.notes).toBe(told + cleared);
  });

  it('is not told of when it answers soon, nor when it has answered before', async () => {
    const { terminal, waiting, ask } = slow();
    const soon = ask();
    waiting[0]?.resolve(answer);
    await soon;
    const late = ask();
    vi.advanceTimersByTime(60_000);
    waiting[1]?.resolve(answer);
    await late;
    expect(terminal.notes).toBe('');
  });

  it('leaves no line before the sentence of a failure, and is told of again when it is asked again', async () => {
    const { terminal, waiting, ask } = slow();
    for (const index of [0, 1]) {
      const failing = ask();
      vi.advanceTimersByTime(2000);
      waiting[index]?.reject(new Error('no answer'));
      await expect(failing).rejects.toThrow('no answer');
    }
    expect(terminal.notes).toBe((told + cleared).repeat(2));
  });

  it('is not told of where nobody sits', async () => {
    const { terminal, waiting, ask } = slow(recordingTerminal());
    const late = ask();
    vi.advanceTimersByTime(60_000);
    waiting[0]?.resolve(answer);
    await late;
    expect(terminal.notes).toBe('');
  });
});
