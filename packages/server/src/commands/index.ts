import type { LocalCommandEntry } from './local-command.ts';

export * from './local-command.ts';

/** Every command that works on this machine. */
export const localCommands: readonly LocalCommandEntry[] = [
  {
    words: ['serve'],
    summary: 'Run the server',
    load: async () => (await import('./serve-command.ts')).serveCommand,
  },
  {
    words: ['admin', 'reset-password'],
    summary: 'Give the account admin a new password, while the server is stopped',
    load: async () => (await import('./reset-password-command.ts')).resetPasswordCommand,
  },
  {
    words: ['datapath', 'purge'],
    summary: 'Take our policies and SAs out of charon, and only ours, while the server is stopped',
    load: async () => (await import('./purge-command.ts')).purgeCommand,
  },
  {
    words: ['audit', 'verify'],
    summary: 'Look whether the audit log is as it was written',
    load: async () => (await import('../audit/verify-command.ts')).verifyCommand,
  },
  {
    words: ['backup'],
    summary: 'Write all data of a server to one file, without the keys',
    load: async () => (await import('../backups/backup-command.ts')).backupCommand,
  },
  {
    words: ['restore'],
    summary: 'Put the data of a backup into an empty data directory',
    load: async () => (await import('../backups/restore-command.ts')).restoreCommand,
  },
  {
    words: ['key', 'status'],
    summary: 'Show the keys that seal secrets at rest, and how much is sealed with each',
    load: async () => (await import('../sealing-keys/key-command.ts')).keyStatusCommand,
  },
  {
    words: ['key', 'rotate'],
    summary: 'Put a new key before the others that seal secrets at rest',
    load: async () => (await import('../sealing-keys/key-command.ts')).keyRotateCommand,
  },
  {
    words: ['key', 'retire'],
    summary: 'Take out the keys that nothing is sealed with any more',
    load: async () => (await import('../sealing-keys/key-command.ts')).keyRetireCommand,
  },
];
