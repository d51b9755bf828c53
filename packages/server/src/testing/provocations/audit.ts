import { UnavailableError } from '@esplanade/store';
import { get, type Provocation, patch, post, replaced } from './provocation.ts';

const destinations = '/security/audit/destinations';
const receiver = { address: '192.0.2.9', protocol: 'udp_unencrypted' };

/** What is wrong with destinations of the audit log, and a log that cannot be written. */
export const auditProvocations: Readonly<Record<string, readonly Provocation[]>> = {
  'audit.notRecorded': [
    {
      ...post('/svm/svms', {}),
      fault: ({ parts }) =>
        replaced(parts.desired, 'audit', () => Promise.reject(new UnavailableError('the disk is full'))),
    },
  ],
  'audit.unreadable': [
    {
      ...get('/security/audit/messages'),
      fault: ({ parts }) =>
        replaced(parts.desired, 'readAudit', () =>
          Promise.reject(new UnavailableError('the store cannot be read')),
        ),
    },
  ],
  'audit.serverUnverifiable': [
    post(destinations, { ...receiver, verify_server: true }, 'verify_server'),
    {
      ...patch(`${destinations}/192.0.2.9/5514`, { verify_server: true }, 'verify_server'),
      given: async (server) =>
        (await server.request('POST', `/api${destinations}`, { ...receiver, port: 5514 })).text,
      isAlone: true,
    },
  ],
  'audit.hostUnresolvable': [
    {
      ...post(destinations, { ...receiver, address: 'nobody.example' }, 'address'),
      fault: ({ parts }) =>
        replaced(parts, 'reachDestination', async () => ({ kind: 'unresolvable', why: 'ENOTFOUND' })),
    },
  ],
  'audit.hostUnreachable': [
    post(destinations, { address: '127.0.0.1', port: 1, protocol: 'tcp_unencrypted' }, 'address'),
    post(destinations, { address: '127.0.0.1', port: 1, protocol: 'tcp_encrypted' }, 'address'),
  ],
  'audit.tooManyDestinations': [
    {
      ...post(destinations, receiver),
      given: async (server) => {
        for (let port = 1; port <= 10; port += 1)
          await server.request('POST', `/api${destinations}`, { ...receiver, port });
        return '';
      },
      isAlone: true,
    },
  ],
};
