import { setImmediate } from 'node:timers/promises';
import { UnavailableError } from '@esplanade/store';
import type { Carrier } from '../../resources/resource-parts.ts';
import { basic, goodPolicy, type TestServer } from '../test-server.ts';
import { bug, get, type Provocation, patch, post, replaced } from './provocation.ts';

const policies = '/security/ipsec/policies';
const sas = '/security/ipsec/security-associations';
const peer = { address: '192.0.2.9', netmask: '32' };
const gone = { uuid: '00000000-0000-4000-8000-000000000000', name: 'gone' };

/** What only a fault, a race or a hostile network brings about: the server is put into it. */
export const faultProvocations: Readonly<Record<string, readonly Provocation[]>> = {
  'generic.internal': [
    {
      ...get('/esplanade/v1/decisions?local_address=192.0.2.1&remote_address=192.0.2.2&protocol=47'),
      fault: ({ parts }) => replaced(parts.spds, 'of', bug),
    },
  ],
  'edge.internal': [{ ...get('/cluster'), fault: ({ parts }) => replaced(parts.desired, 'snapshot', bug) }],
  'edge.badUrl': [get('/%zz'), get('/%ff')],
  'edge.largeBody': [post(policies, ' '.repeat(1_048_577))],
  'edge.unreadableBody': [{ ...post(policies, goodPolicy), headers: { 'content-length': '3' } }],
  'edge.busy': [
    {
      ...get('/cluster'),
      headers: { authorization: 'Basic YWRtaW46d3Jvbmc=' },
      given: (server) => Promise.resolve(manyLogins(server)),
      isAlone: true,
    },
  ],
  'edge.tooManyFailures': [
    {
      ...get('/cluster'),
      headers: { authorization: basic('admin', 'another guess') },
      given: guessedTooOften,
      isAlone: true,
    },
  ],
  'edge.sourceConnections': [
    { ...get('/cluster'), fault: ({ app }) => replaced(app.edge.connections, 'surplusOf', () => 'source') },
  ],
  'edge.allConnections': [
    { ...get('/cluster'), fault: ({ app }) => replaced(app.edge.connections, 'surplusOf', () => 'total') },
  ],
  'edge.tooMuchAtOnce': [{ ...get('/cluster'), flags: ['--requests-per-account', '1'], given: manyRequests }],
  'edge.lateAnswer': [
    {
      ...patch('/security/ipsec', { replay_window: 64 }),
      fault: ({ app, parts }) => {
        replaced(app.edge, 'answerLimitMs', () => 1);
        replaced(parts.desired, 'updateIpsecConfig', () => new Promise(() => undefined));
      },
    },
  ],
  'edge.foreignPage': [{ ...post('/svm/svms', {}), headers: { 'sec-fetch-site': 'cross-site' } }],
  'record.notSaved': [
    {
      ...post('/svm/svms', { name: 'svm2' }),
      fault: ({ parts }) =>
        replaced(parts.desired, 'createSvm', () => Promise.reject(new UnavailableError('the disk is full'))),
    },
  ],
  'record.changedMeanwhile': [
    {
      ...patch('/security/ipsec', { replay_window: 64 }),
      fault: ({ parts }) =>
        replaced(parts.desired, 'updateIpsecConfig', () => Promise.resolve({ kind: 'conflict' })),
    },
  ],
  'refusal.parentMissing': [
    {
      ...post('/svm/svms', { name: 'svm2' }, 'ipspace.name'),
      fault: ({ parts: { desired } }) => {
        const create = desired.createSvm.bind(desired);
        replaced(desired, 'createSvm', (svm: Parameters<typeof create>[0]) =>
          create({ ...svm, ipspace: gone }),
        );
      },
    },
  ],
  'record.sasUnobserved': [
    { ...get(sas), flags: ['--datapath', 'strongswan', '--vici', 'Default=/nonexistent/charon.vici'] },
  ],
  'record.sasOfBefore': [
    {
      ...get(sas),
      isAlone: true,
      given: async ({ parts: { carriers } }) => {
        const [carrier] = [...carriers.all()];
        if (carrier === undefined) throw new Error('there is no IPspace');
        const snapshot = await firstSnapshot(carrier.reconciler);
        const stale = { kind: 'stale', snapshot, reason: 'charon is gone' };
        replaced(carrier.reconciler, 'readSad', () => stale);
        return '';
      },
    },
  ],
  'ipsec.replayWindowUnsupported': [
    {
      ...patch('/security/ipsec', { replay_window: 64 }, 'replay_window'),
      fault: ({ parts }) => replaced(parts, 'capabilities', { ...parts.capabilities, replayWindows: [0] }),
    },
  ],
  'ipsec.wouldLockOut': [
    {
      ...post(policies, { ...goodPolicy, action: 'discard', remote_endpoint: peer }),
      given: async (server) => (await server.request('PATCH', '/api/security/ipsec', { enabled: true })).text,
      fault: ({ app }) =>
        app.addHook('onRequest', async ({ raw: { socket } }) => {
          const ends = {
            localAddress: '192.0.2.1',
            localPort: 443,
            remoteAddress: '192.0.2.9',
            remotePort: 50_000,
          };
          for (const [name, value] of Object.entries(ends)) replaced(socket, name, value);
        }),
    },
  ],
};

async function firstSnapshot(reconciler: Carrier['reconciler']) {
  for (;;) {
    const reading = reconciler.readSad();
    if (reading.kind !== 'unavailable') return reading.snapshot;
    await setImmediate();
  }
}

/** More logins at once than are let wait; nobody waits for their answers. */
function manyLogins(server: TestServer): string {
  for (let index = 0; index < 1_002; index += 1) {
    const authorization = basic('admin', `wrong ${index}`);
    void server.request('GET', '/api/cluster', undefined, { authorization });
  }
  return '';
}

/** As many requests of one account at once as are let in and let wait. */
async function manyRequests(server: TestServer): Promise<string> {
  await server.request('GET', '/api/cluster');
  for (let index = 0; index < 33; index += 1) void server.request('GET', '/api/cluster');
  return '';
}

/** As many wrong passwords of one account as are let pass. */
async function guessedTooOften(server: TestServer): Promise<string> {
  for (let index = 0; index < 10; index += 1)
    await server.request('GET', '/api/cluster', undefined, {
      authorization: basic('admin', `guess ${index}`),
    });
  return '';
}
