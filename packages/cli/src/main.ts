import { commandTable } from './command-table.ts';
import { execute } from './execute.ts';
import { type ExitStatus, exitStatus } from './exit-status.ts';
import { nodeTerminal } from './node-terminal.ts';

/** Whoever read the results went away, as `head` does; a shell has this status for a process that SIGPIPE ended. */
const readerWentAway = 141;

const interruption = new AbortController();
process.on('SIGINT', () => {
  // The first one asks to stop; whoever presses again wants out.
  if (interruption.signal.aborted) {
    endBySignal();
    process.exit(exitStatus.interrupted);
  }
  interruption.abort();
});

// What waits for something that can never come would end as if all had been done.
process.on('beforeExit', () => {
  if (process.exitCode !== undefined) return;
  process.stderr.write(
    'esplanade: What this waited for never came: a defect of Esplanade. What was under way may have been done all the same.\n',
  );
  process.exitCode = exitStatus.failed;
});

/**
 * A loop of a shell goes on after a command that ended by itself, whatever its status, and stops with one that the signal ended.
 * What else there is to do at the end has been asked for before, and is done first.
 */
function endBySignal(): void {
  process.on('exit', () => {
    process.removeAllListeners('SIGINT');
    process.kill(process.pid, 'SIGINT');
  });
}

function endOfOutput(reason?: string): never {
  if (reason === undefined) process.exit(readerWentAway);
  process.stderr.write(`esplanade: ${reason}\n`);
  process.exit(exitStatus.failed);
}

/** Not awaited at the top of the module: as built, this is in CommonJS, and what a command does not use is not even looked at. */
async function run([first, ...rest]: readonly string[]): Promise<ExitStatus> {
  if (first === '__complete') {
    const { answerShell } = await import('./completion/answer-shell.ts');
    return answerShell(rest, {
      environment: process.env,
      write: (text) => process.stdout.write(text),
      note: (text) => process.stderr.write(text),
    });
  }
  return execute(process.argv.slice(2), {
    terminal: nodeTerminal(process, endOfOutput),
    environment: process.env,
    commands: commandTable,
    signal: interruption.signal,
  });
}

void run(process.argv.slice(2)).then((status) => {
  if (status === exitStatus.interrupted) endBySignal();
  process.exitCode = status;
});
