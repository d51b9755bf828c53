import { CommandError, exitStatus } from '../exit-status.ts';
import type { Terminal } from '../terminal.ts';

/** A terminal at which nobody sits; everything that is written goes to `note`. */
export function silentTerminal(note: (text: string) => void): Terminal {
  const nobody = async (): Promise<never> => {
    throw new CommandError(exitStatus.misused, 'completion asks nobody');
  };
  return {
    isTerminal: false,
    canAsk: false,
    isInputTerminal: false,
    columns: 80,
    rows: 24,
    lineLimit: Number.POSITIVE_INFINITY,
    hasColour: false,
    write: note,
    drained: async () => undefined,
    note,
    askSecret: nobody,
    ask: nobody,
    readInput: nobody,
    openScreen: async () => undefined,
  };
}
