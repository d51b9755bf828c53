import type { Command, CommandEntry } from '../command.ts';
import { localCommandEntries } from '../local-commands.ts';

/** An ONTAP-like shell: one connection, directories, history, completion and `?`. */
export const shell: Command = {
  description: [
    'Asks for one command after the other, as the CLI of ONTAP does, over one connection. Tab completes words, parameters and values; ? shows at once what can follow. ' +
      'The words of a directory of commands enter it ("security ipsec"), ".." and "top" leave it; commands of other directories are found from the top. ' +
      'Ctrl-C ends a command, and Ctrl-D, "exit" or "quit" the shell.',
    'Lines are kept in ~/.local/state/esplanade/history, which nobody else can read, but for lines that may hold a secret, as one with a misspelt parameter may, and for lines that are no command, which are not in reach of the arrow keys either if their first word is none. Where a command takes a secret, a line in which not every value has its parameter before it is kept once it has been done.',
    'Commands for a server on this machine (serve, backup, key, …) are not in it.',
    'Where standard input is no terminal, its lines are done without a prompt, but for those that begin with #; "-" cannot stand for it, and after a line that fails with one no other is run, which may be a secret. The status is that of the last command.',
  ],
  parameters: [],
  examples: [
    { line: 'shell', explains: 'On the server of the profile in use' },
    { line: 'shell -profile lab <commands.txt', explains: 'The commands of a file over one connection' },
  ],
  async run(given, context) {
    const { runShell } = await import('../shell/run-shell.ts');
    // Some of them end the process, or become the service's user for good.
    const isOutside = (entry: CommandEntry) =>
      localCommandEntries.includes(entry) || entry.words.join(' ') === 'shell';
    const commands = context.commands.filter((entry) => !isOutside(entry));
    return await runShell(given, { ...context, commands }, context.commands.filter(isOutside));
  },
};
