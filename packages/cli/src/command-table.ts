import type { CommandEntry } from './command.ts';
import { localCommandEntries } from './local-commands.ts';

/** Every command, by its words. A row costs nothing until the command is used: its module is loaded then. */
export const commandTable: readonly CommandEntry[] = [...localCommandEntries];
