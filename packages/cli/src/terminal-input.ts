import { StringDecoder } from 'node:string_decoder';
import { CommandError, exitStatus, InterruptedError } from './exit-status.ts';

/** What is typed on a terminal. */
type Typing = NodeJS.ReadStream;

/** What arrows and the like send. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: keys are control characters
const sequences = /\x1b(?:\[[0-9;]*[~A-Za-z]|O[A-Z])/g;

/** The next line that is typed. The terminal echoes it and lets it be corrected. */
export function readLine(input: Typing, signal: AbortSignal): Promise<string> {
  let line = '';
  return read(input, signal, (text) => {
    line += text;
    const end = line.indexOf('\n');
    return end === -1 ? undefined : line.slice(0, end).replace(/\r$/, '');
  });
}

/**
 * The next line that is typed, and not shown. Backspace and Ctrl-U correct it; Ctrl-C, Ctrl-D and an empty line give up. `ask` is
 * called when nothing is shown any more, so that not even a fast answer is.
 */
export async function readSecret(input: Typing, signal: AbortSignal, ask: () => void): Promise<string> {
  let secret: string[] = [];
  input.setRawMode(true);
  try {
    ask();
    return await read(input, signal, (text) => {
      for (const key of text.replace(sequences, '')) {
        if (key === '\r' || key === '\n') return entered(secret.join(''));
        if (key === '\x03') throw new InterruptedError();
        if (key === '\x04') return entered('');
        if (key === '\x7f' || key === '\b') secret = secret.slice(0, -1);
        else if (key === '\x15') secret = [];
        else if (key >= ' ') secret.push(key);
      }
      return undefined;
    });
  } finally {
    input.setRawMode(false);
  }
}

/** The secret. An empty one would only count as a wrong one. */
function entered(secret: string): string {
  if (secret === '') throw new CommandError(exitStatus.misused, 'Nothing was entered.');
  // What the decoder puts for bytes that are none of UTF-8, so that different secrets would be the same.
  if (secret.includes('\ufffd'))
    throw new CommandError(exitStatus.misused, 'What was entered is not text in UTF-8.');
  return secret;
}

/** Hands over what comes in until `take` has a result. What the terminal got after it is dropped, so it answers no later question. */
function read(
  input: Typing,
  signal: AbortSignal,
  take: (text: string) => string | undefined,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const decoder = new StringDecoder('utf8');
  const onData = (data: Buffer | string) => {
    try {
      const result = take(decoder.write(data));
      if (result !== undefined) resolve(result);
    } catch (error) {
      reject(error);
    }
  };
  const onEnd = () => reject(new CommandError(exitStatus.misused, 'Input ended before an answer.'));
  const onAbort = () => reject(signal.reason);
  input.on('data', onData).once('end', onEnd);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  input.resume();
  return promise.finally(() => {
    input.off('data', onData).off('end', onEnd);
    signal.removeEventListener('abort', onAbort);
    input.pause();
  });
}
