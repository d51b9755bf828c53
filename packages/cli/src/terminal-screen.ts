import type { Screen } from './terminal.ts';

/** Of the terminal's own sequences (ECMA-48, and xterm's for the alternate screen). */
const enter = '\x1b[?1049h\x1b[?25l';
const leave = '\x1b[?25h\x1b[?1049l';
const home = '\x1b[H';
const clearToLineEnd = '\x1b[K';
const clearBelow = '\x1b[J';
/** Terminals that know it show all of a frame at once; others ignore it. */
const beginFrame = '\x1b[?2026h';
const endFrame = '\x1b[?2026l';

/** Ctrl-Z. */
const suspend = '\x1a';

/** An arrow or another key that is sent as a sequence, or one character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: keys are control characters
const keys = /\x1b\[[0-9;]*[~A-Za-z]|\x1bO[A-Z]|[\s\S]/gu;

/** The same keys as other terminals, and the application mode of cursor keys, send them. */
const spellings: Readonly<Record<string, string>> = {
  '\x1b[1~': '\x1b[H',
  '\x1b[7~': '\x1b[H',
  '\x1b[4~': '\x1b[F',
  '\x1b[8~': '\x1b[F',
};

function known(key: string): string {
  return spellings[key] ?? key.replace('\x1bO', '\x1b[');
}

/**
 * The alternate screen of a terminal with its keys. It is left also when the process ends or is told to, and for as long
 * as Ctrl-Z stops it.
 */
export function openScreen(input: NodeJS.ReadStream, output: NodeJS.WriteStream): Screen {
  const onKeys: ((key: string) => void)[] = [];
  const onResizes: (() => void)[] = [];
  let isOpen = true;
  const onData = (data: Buffer | string) => {
    for (const key of String(data).match(keys) ?? []) {
      if (key === suspend) stop();
      else for (const listener of onKeys) listener(known(key));
    }
  };
  const onResize = () => {
    for (const listener of onResizes) listener();
  };
  const take = () => {
    input.setRawMode(true);
    output.write(enter);
  };
  const giveBack = () => {
    input.setRawMode(false);
    output.write(leave);
  };
  const stop = () => {
    giveBack();
    process.kill(process.pid, 'SIGTSTP');
  };
  const onContinue = () => {
    take();
    onResize();
  };
  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    input.off('data', onData).pause();
    output.off('resize', onResize);
    process.off('exit', close).off('SIGTERM', onEnd).off('SIGHUP', onEnd).off('SIGCONT', onContinue);
    giveBack();
  };
  const onEnd = (signal: NodeJS.Signals) => {
    close();
    process.kill(process.pid, signal);
  };
  process.on('exit', close).on('SIGTERM', onEnd).on('SIGHUP', onEnd).on('SIGCONT', onContinue);
  input.on('data', onData).resume();
  output.on('resize', onResize);
  take();
  return {
    onKey: (listener) => void onKeys.push(listener),
    onResize: (listener) => void onResizes.push(listener),
    draw: (lines) => {
      if (!isOpen) return;
      const text = lines.map((line) => line + clearToLineEnd).join('\r\n');
      output.write(`${beginFrame}${home}${text}${clearBelow}${endFrame}`);
    },
    close,
  };
}
