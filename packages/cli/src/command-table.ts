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
  {
    words: ['security', 'ipsec', 'config', 'show'],
    summary: 'Show whether IPsec is on, and what holds for all policies',
    load: async () => (await import('./commands/security-ipsec-config.ts')).show,
  },
  {
    words: ['security', 'ipsec', 'config', 'modify'],
    summary: 'Switch IPsec on and off, and change what holds for all policies',
    load: async () => (await import('./commands/security-ipsec-config.ts')).modify,
  },
  {
    words: ['security', 'ipsec', 'policy', 'show'],
    summary: 'Show IPsec policies',
    load: async () => (await import('./commands/security-ipsec-policy.ts')).show,
  },
  {
    words: ['security', 'ipsec', 'policy', 'create'],
    summary: 'Create an IPsec policy',
    load: async () => (await import('./commands/security-ipsec-policy.ts')).create,
  },
  {
    words: ['security', 'ipsec', 'policy', 'modify'],
    summary: 'Modify IPsec policies',
    load: async () => (await import('./commands/security-ipsec-policy.ts')).modify,
  },
  {
    words: ['security', 'ipsec', 'policy', 'delete'],
    summary: 'Delete IPsec policies',
    load: async () => (await import('./commands/security-ipsec-policy.ts')).remove,
  },
  {
    words: ['security', 'ipsec', 'show-ikesa'],
    summary: 'Show IKE SAs',
    load: async () => (await import('./commands/security-ipsec-show-ikesa.ts')).show,
  },
  {
    words: ['security', 'ipsec', 'show-ipsecsa'],
    summary: 'Show IPsec SAs',
    load: async () => (await import('./commands/security-ipsec-show-ipsecsa.ts')).show,
  },
  {
    words: ['security', 'ipsec', 'ca-certificate', 'show'],
    summary: 'Show which CA certificates IPsec trusts',
    load: async () => (await import('./commands/security-ipsec-ca-certificate.ts')).show,
  },
  {
    words: ['security', 'ipsec', 'ca-certificate', 'add'],
    summary: 'Let IPsec trust CA certificates',
    load: async () => (await import('./commands/security-ipsec-ca-certificate.ts')).add,
  },
  {
    words: ['security', 'ipsec', 'ca-certificate', 'remove'],
    summary: 'Let IPsec trust CA certificates no longer',
    load: async () => (await import('./commands/security-ipsec-ca-certificate.ts')).remove,
  },
  {
    words: ['status'],
    summary: 'Tell whether IPsec does what is wanted, and why not',
    load: async () => (await import('./commands/status.ts')).status,
  },
  {
    words: ['completion'],
    summary: 'Print the script that completes command lines in bash, zsh or fish',
    load: async () => (await import('./commands/completion.ts')).completion,
  },
  ...localCommandEntries,
];
