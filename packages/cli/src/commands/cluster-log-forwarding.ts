import type { Command } from '../command.ts';
import type { Directory } from '../directory/directory.ts';
import { createCommand, deleteCommand, modifyCommand, showCommand } from '../directory/verbs.ts';

const directory: Directory = {
  words: ['cluster', 'log-forwarding'],
  noun: ['destination', 'destinations'],
  path: '/security/audit/destinations',
  pathKeys: ['address', 'port'],
  fields: [
    {
      name: 'destination',
      field: 'address',
      label: 'Destination Host',
      heading: ['Destination Host'],
      format: 'text',
      value: { kind: 'text', placeholder: 'host or IP address' },
      help: 'IP address or host name of the receiver',
      isKey: true,
      create: 'required',
      source: { path: '/security/audit/destinations', field: 'address' },
    },
    {
      name: 'port',
      field: 'port',
      label: 'Destination Port',
      heading: ['Port'],
      format: 'integer',
      value: { kind: 'integer', placeholder: 'integer' },
      help: 'Port of the receiver',
      isKey: true,
      create: 'optional',
      fallback: '514, or 6514 with tcp-encrypted',
    },
    {
      name: 'protocol',
      field: 'protocol',
      label: 'Log Forwarding Protocol',
      heading: ['Protocol'],
      format: 'keyword',
      words: {
        udp_unencrypted: 'udp-unencrypted',
        tcp_unencrypted: 'tcp-unencrypted',
        tcp_encrypted: 'tcp-encrypted',
      },
      value: { kind: 'choice', choices: ['udp-unencrypted', 'tcp-unencrypted', 'tcp-encrypted'] },
      help: 'How entries are sent',
      create: 'optional',
      fallback: 'udp-unencrypted',
    },
    {
      name: 'verify-server',
      field: 'verify_server',
      label: 'Verify Destination Server Identity',
      heading: ['Verify', 'Server'],
      format: 'boolean',
      value: { kind: 'boolean' },
      help: 'Whether its certificate must be of a CA that is well known, or installed as server-ca of the cluster',
      create: 'optional',
      isModifiable: true,
      fallback: 'true with tcp-encrypted, else false',
    },
    {
      name: 'facility',
      field: 'facility',
      label: 'Syslog Facility',
      heading: ['Syslog', 'Facility'],
      format: 'keyword',
      value: {
        kind: 'choice',
        choices: ['kern', 'user', ...Array.from({ length: 8 }, (_, number) => `local${number}`)],
      },
      help: 'Facility that entries are sent with',
      create: 'optional',
      isModifiable: true,
      fallback: 'kern',
    },
    {
      name: 'force',
      field: 'force',
      label: 'Force',
      format: 'boolean',
      value: { kind: 'switch' },
      help: 'Add it without looking whether it can be reached',
      create: 'optional',
      isWriteOnly: true,
      isParameter: true,
    },
  ],
  verbs: {
    show: {
      description: ['Syslog receivers that get a copy of each entry of the audit log (RFC 5424).'],
      examples: [{ line: 'cluster log-forwarding show', explains: 'All of them' }],
    },
    create: {
      description: [
        'Adds a receiver, after a look whether it can be reached. It gets what is written from then on.',
      ],
      examples: [
        {
          line: 'cluster log-forwarding create -destination 192.0.2.9 -facility local7',
          explains: 'By UDP to port 514',
        },
        {
          line: 'cluster log-forwarding create -destination log.example.org -protocol tcp-encrypted',
          explains: 'By TLS to port 6514, whose server must prove itself',
        },
      ],
    },
    modify: {
      description: ['Changes the facility, and whether the server must prove itself.'],
      examples: [
        {
          line: 'cluster log-forwarding modify -destination 192.0.2.9 -port 514 -facility local6',
          explains: 'Another facility',
        },
      ],
    },
    delete: {
      description: ['Takes a receiver away.'],
      examples: [
        { line: 'cluster log-forwarding delete -destination 192.0.2.9 -port 514', explains: 'One of them' },
      ],
    },
  },
};

/** `cluster log-forwarding show`. */
export const show: Command = showCommand(directory);
/** `cluster log-forwarding create`. */
export const create: Command = createCommand(directory);
/** `cluster log-forwarding modify`. */
export const modify: Command = modifyCommand(directory);
/** `cluster log-forwarding delete`. */
export const remove: Command = deleteCommand(directory);
