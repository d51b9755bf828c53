import type { Command } from '../command.ts';
import { completionScripts, shells } from '../completion/scripts.ts';
import { exitStatus } from '../exit-status.ts';

/** Prints the script that makes a shell complete our command lines. */
export const completion: Command = {
  isLocal: true,
  description: [
    'Prints a script that makes the shell complete words, parameters and their values with Tab, names and UUIDs from the server among them. ' +
      'It asks the server that the line or the profile names, waits for it a second and a half at most, and never asks for a password. ' +
      'The Debian package has these scripts installed.',
  ],
  parameters: [
    {
      name: 'shell',
      value: { kind: 'choice', choices: shells },
      help: 'Which shell',
      isRequired: true,
      isPositional: true,
    },
  ],
  examples: [
    {
      line: 'completion bash >~/.local/share/bash-completion/completions/esplanade',
      explains: 'For all bash shells of this user',
    },
    { line: 'completion fish >~/.config/fish/completions/esplanade.fish', explains: 'For fish' },
  ],
  async run(given, { terminal }) {
    const shell = shells.find((name) => name === given.text('shell'));
    if (shell !== undefined) terminal.write(completionScripts[shell]);
    return exitStatus.done;
  },
};
