import type { CommandEntry } from './command.ts';
import { localCommandEntries } from './local-commands.ts';

/** Every command, by its words. A row costs nothing until the command is used: its module is loaded then. */
export const commandTable: readonly CommandEntry[] = [
  {
    words: ['login'],
    summary: 'Log in to a server, and keep how to reach it in a profile',
    load: async () => (await import('./commands/login.ts')).login,
  },
  {
    words: ['logout'],
    summary: 'Forget the password that a profile keeps',
    load: async () => (await import('./commands/logout.ts')).logout,
  },
  {
    words: ['profile', 'show'],
    summary: 'Show the servers that are known',
    load: async () => (await import('./commands/profile.ts')).show,
  },
  {
    words: ['profile', 'use'],
    summary: 'Choose the server that commands go to',
    load: async () => (await import('./commands/profile.ts')).use,
  },
  {
    words: ['profile', 'delete'],
    summary: 'Forget a server',
    load: async () => (await import('./commands/profile.ts')).remove,
  },
  ...localCommandEntries,
];
