import type { Terminal } from './terminal.ts';

/** The same terminal, as large as it is at each moment, with something else about it. */
export function overlaid(terminal: Terminal, changes: Partial<Terminal>): Terminal {
  return Object.create(terminal, Object.getOwnPropertyDescriptors(changes));
}
