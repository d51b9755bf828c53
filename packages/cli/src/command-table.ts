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
    words: ['top'],
    summary: 'Show IPsec SAs and what they carry, live',
    load: async () => (await import('./commands/top.ts')).top,
  },
  {
    words: ['shell'],
    summary: 'Ask for one command after the other, as the CLI of ONTAP does',
    load: async () => (await import('./commands/shell.ts')).shell,
  },
  {
    words: ['completion'],
    summary: 'Print the script that completes command lines in bash, zsh or fish',
    load: async () => (await import('./commands/completion.ts')).completion,
  },
  {
    words: ['security', 'certificate', 'show'],
    summary: 'Show the certificates',
    load: async () => (await import('./commands/security-certificate.ts')).show,
  },
  {
    words: ['security', 'certificate', 'create'],
    summary: 'Make a key and a certificate',
    load: async () => (await import('./commands/security-certificate-create.ts')).create,
  },
  {
    words: ['security', 'certificate', 'install'],
    summary: 'Install a certificate that somebody else has signed',
    load: async () => (await import('./commands/security-certificate-install.ts')).install,
  },
  {
    words: ['security', 'certificate', 'sign'],
    summary: 'Sign a certificate for another end',
    load: async () => (await import('./commands/security-certificate-sign.ts')).sign,
  },
  {
    words: ['security', 'certificate', 'delete'],
    summary: 'Delete certificates',
    load: async () => (await import('./commands/security-certificate.ts')).remove,
  },
  {
    words: ['security', 'certificate', 'revocation-list', 'show'],
    summary: 'Show the revocation lists',
    load: async () => (await import('./commands/security-certificate-revocation-list.ts')).show,
  },
  {
    words: ['security', 'certificate', 'revocation-list', 'create'],
    summary: 'Say which certificates of a CA are revoked',
    load: async () => (await import('./commands/security-certificate-revocation-list.ts')).create,
  },
  {
    words: ['security', 'certificate', 'revocation-list', 'modify'],
    summary: 'Give a CA a newer revocation list',
    load: async () => (await import('./commands/security-certificate-revocation-list.ts')).modify,
  },
  {
    words: ['security', 'certificate', 'revocation-list', 'delete'],
    summary: 'Delete revocation lists',
    load: async () => (await import('./commands/security-certificate-revocation-list.ts')).remove,
  },
  {
    words: ['security', 'certificate', 'revocation-mode', 'show'],
    summary: 'Show what becomes of remotes whose revocation is not known',
    load: async () => (await import('./commands/security-certificate-revocation-mode.ts')).show,
  },
  {
    words: ['security', 'certificate', 'revocation-mode', 'modify'],
    summary: 'Modify what becomes of remotes whose revocation is not known',
    load: async () => (await import('./commands/security-certificate-revocation-mode.ts')).modify,
  },
  {
    words: ['security', 'ipsec', 'decision', 'show'],
    summary: 'Show which policy decides for a packet, and why',
    load: async () => (await import('./commands/security-ipsec-decision.ts')).show,
  },
  {
    words: ['security', 'ipsec', 'state', 'show'],
    summary: 'Show whether policies are in force, and why not',
    load: async () => (await import('./commands/security-ipsec-state.ts')).show,
  },
  {
    words: ['security', 'login', 'show'],
    summary: 'Show the accounts',
    load: async () => (await import('./commands/security-login.ts')).show,
  },
  {
    words: ['security', 'login', 'create'],
    summary: 'Create an account',
    load: async () => (await import('./commands/security-login.ts')).create,
  },
  {
    words: ['security', 'login', 'modify'],
    summary: 'Modify accounts',
    load: async () => (await import('./commands/security-login.ts')).modify,
  },
  {
    words: ['security', 'login', 'delete'],
    summary: 'Delete accounts',
    load: async () => (await import('./commands/security-login.ts')).remove,
  },
  {
    words: ['security', 'login', 'password'],
    summary: 'Set the password of an account',
    load: async () => (await import('./commands/security-login-changes.ts')).password,
  },
  {
    words: ['security', 'login', 'lock'],
    summary: 'Lock an account',
    load: async () => (await import('./commands/security-login-changes.ts')).lock,
  },
  {
    words: ['security', 'login', 'unlock'],
    summary: 'Unlock an account',
    load: async () => (await import('./commands/security-login-changes.ts')).unlock,
  },
  {
    words: ['security', 'login', 'rest-role', 'show'],
    summary: 'Show the roles',
    load: async () => (await import('./commands/security-login-rest-role.ts')).show,
  },
  {
    words: ['security', 'login', 'rest-role', 'create'],
    summary: 'Create a role, or give it one more privilege',
    load: async () => (await import('./commands/security-login-rest-role.ts')).create,
  },
  {
    words: ['security', 'login', 'rest-role', 'modify'],
    summary: 'Modify a privilege of a role',
    load: async () => (await import('./commands/security-login-rest-role.ts')).modify,
  },
  {
    words: ['security', 'login', 'rest-role', 'delete'],
    summary: 'Delete a role, or a privilege of it',
    load: async () => (await import('./commands/security-login-rest-role.ts')).remove,
  },
  {
    words: ['security', 'audit', 'show'],
    summary: 'Show whether requests that only read are audited',
    load: async () => (await import('./commands/security-audit.ts')).show,
  },
  {
    words: ['security', 'audit', 'modify'],
    summary: 'Modify whether requests that only read are audited',
    load: async () => (await import('./commands/security-audit.ts')).modify,
  },
  {
    words: ['security', 'audit', 'log', 'show'],
    summary: 'Show the audit log',
    load: async () => (await import('./commands/security-audit-log.ts')).show,
  },
  {
    words: ['vserver', 'show'],
    summary: 'Show the SVMs',
    load: async () => (await import('./commands/vserver.ts')).show,
  },
  {
    words: ['vserver', 'create'],
    summary: 'Create an SVM',
    load: async () => (await import('./commands/vserver.ts')).create,
  },
  {
    words: ['vserver', 'modify'],
    summary: 'Modify SVMs',
    load: async () => (await import('./commands/vserver.ts')).modify,
  },
  {
    words: ['vserver', 'rename'],
    summary: 'Rename an SVM',
    load: async () => (await import('./commands/vserver.ts')).rename,
  },
  {
    words: ['vserver', 'delete'],
    summary: 'Delete SVMs',
    load: async () => (await import('./commands/vserver.ts')).remove,
  },
  {
    words: ['network', 'interface', 'show'],
    summary: 'Show which addresses belong to whom',
    load: async () => (await import('./commands/network-interface.ts')).show,
  },
  {
    words: ['network', 'interface', 'create'],
    summary: 'Give an SVM an address',
    load: async () => (await import('./commands/network-interface.ts')).create,
  },
  {
    words: ['network', 'interface', 'modify'],
    summary: 'Modify interfaces',
    load: async () => (await import('./commands/network-interface.ts')).modify,
  },
  {
    words: ['network', 'interface', 'rename'],
    summary: 'Rename an interface',
    load: async () => (await import('./commands/network-interface.ts')).rename,
  },
  {
    words: ['network', 'interface', 'delete'],
    summary: 'Take addresses from their SVM',
    load: async () => (await import('./commands/network-interface.ts')).remove,
  },
  {
    words: ['network', 'ipspace', 'show'],
    summary: 'Show the IPspaces',
    load: async () => (await import('./commands/network-ipspace.ts')).show,
  },
  {
    words: ['network', 'ipspace', 'create'],
    summary: 'Create an IPspace',
    load: async () => (await import('./commands/network-ipspace.ts')).create,
  },
  {
    words: ['network', 'ipspace', 'delete'],
    summary: 'Delete IPspaces',
    load: async () => (await import('./commands/network-ipspace.ts')).remove,
  },
  {
    words: ['cluster', 'show'],
    summary: 'Show the nodes of the cluster',
    load: async () => (await import('./commands/cluster.ts')).show,
  },
  {
    words: ['cluster', 'identity', 'show'],
    summary: 'Show what the cluster is called',
    load: async () => (await import('./commands/cluster-identity.ts')).show,
  },
  {
    words: ['cluster', 'log-forwarding', 'show'],
    summary: 'Show who gets a copy of the audit log',
    load: async () => (await import('./commands/cluster-log-forwarding.ts')).show,
  },
  {
    words: ['cluster', 'log-forwarding', 'create'],
    summary: 'Send a copy of the audit log somewhere',
    load: async () => (await import('./commands/cluster-log-forwarding.ts')).create,
  },
  {
    words: ['cluster', 'log-forwarding', 'modify'],
    summary: 'Modify who gets a copy of the audit log',
    load: async () => (await import('./commands/cluster-log-forwarding.ts')).modify,
  },
  {
    words: ['cluster', 'log-forwarding', 'delete'],
    summary: 'Stop sending copies of the audit log',
    load: async () => (await import('./commands/cluster-log-forwarding.ts')).remove,
  },
  {
    words: ['version'],
    summary: 'Show what the server runs',
    load: async () => (await import('./commands/version.ts')).version,
  },
  {
    words: ['datapath', 'show'],
    summary: 'Show what carries the policies out',
    load: async () => (await import('./commands/datapath.ts')).show,
  },
  {
    words: ['simulator', 'show'],
    summary: 'Show the clock, the seed and the faults of the simulator',
    load: async () => (await import('./commands/simulator.ts')).show,
  },
  {
    words: ['simulator', 'modify'],
    summary: 'Set the clock of the simulator, or give it other SAs',
    load: async () => (await import('./commands/simulator.ts')).modify,
  },
  {
    words: ['simulator', 'reset'],
    summary: 'Put the simulator back to its start',
    load: async () => (await import('./commands/simulator.ts')).reset,
  },
  {
    words: ['simulator', 'up'],
    summary: 'Bring up one more SA of a policy',
    load: async () => (await import('./commands/simulator-sas.ts')).up,
  },
  {
    words: ['simulator', 'down'],
    summary: 'End the SAs of a policy',
    load: async () => (await import('./commands/simulator-sas.ts')).down,
  },
  {
    words: ['simulator', 'rekey'],
    summary: 'Rekey the SAs of a policy',
    load: async () => (await import('./commands/simulator-sas.ts')).rekey,
  },
  {
    words: ['simulator', 'fault', 'show'],
    summary: 'Show what goes wrong on purpose',
    load: async () => (await import('./commands/simulator-fault.ts')).show,
  },
  {
    words: ['simulator', 'fault', 'create'],
    summary: 'Let something go wrong on purpose',
    load: async () => (await import('./commands/simulator-fault.ts')).create,
  },
  {
    words: ['simulator', 'fault', 'delete'],
    summary: 'End what goes wrong on purpose',
    load: async () => (await import('./commands/simulator-fault.ts')).remove,
  },
  {
    words: ['simulator', 'peer', 'show'],
    summary: 'Show the hosts that the simulator plays',
    load: async () => (await import('./commands/simulator-peer.ts')).show,
  },
  ...localCommandEntries,
];
