import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Esplanade } from '../support/esplanade.ts';
import { HttpsClient } from '../support/https-client.ts';
import { type Counter, countTogether, createAtOnce, memberOf, patchDisjointly } from './lost-updates.ts';
import { isFullCampaign, roundsOf } from './rounds.ts';

const writers = 100;
const rounds = roundsOf({ share: 5, full: 100 });
const disjointRounds = roundsOf({ share: 8, full: 200 });
const creators = 40;

let directory: string;
let server: Esplanade;
let client: HttpsClient;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'esplanade-lost-updates-'));
  server = await Esplanade.start({ dataDirectory: directory, flags: ['--datapath', 'simulated'] });
  client = new HttpsClient(server.url, directory);
}, 60_000);

afterAll(async () => {
  client.close();
  await server.stop();
  await rm(directory, { recursive: true });
});

const policies = '/api/security/ipsec/policies';
const policy = {
  secret_key: 'a key of at least eighteen characters',
  svm: { name: 'svm1' },
  local_endpoint: { address: '192.0.2.1', netmask: '32' },
  protocol: 'tcp',
};

/** The path of a new record. */
async function made(path: string, body: unknown): Promise<string> {
  const { status, headers, text } = await client.call('POST', path, body);
  if (status !== 201) throw new Error(`POST ${path}: ${status} ${text}`);
  return String(headers['location']);
}

const remote = (address: string) => ({ address, netmask: '32' });

describe('many who read a record, add one and write it back with If-Match', () => {
  const inPort = (path: string): Counter => ({
    path,
    read: (record) => Number.parseInt(String(memberOf(record, 'remote_endpoint.port')), 10) - 1_000,
    write: (count) => ({ 'remote_endpoint.port': String(count + 1_000) }),
  });
  const inComment = (path: string): Counter => ({
    path,
    read: (record) => Number(memberOf(record, 'comment')),
    write: (count) => ({ comment: String(count) }),
  });
  const records: Readonly<{ [what: string]: () => Promise<Counter> }> = {
    policy: async () => {
      const remote_endpoint = { ...remote('192.0.2.9'), port: '1000' };
      return inPort(await made(policies, { ...policy, name: 'counter', remote_endpoint }));
    },
    SVM: async () => inComment(await made('/api/svm/svms', { name: 'counter', comment: '0' })),
    account: async () => {
      const owner = { name: 'svm1' };
      const role = { name: 'vsadmin' };
      const account = { name: 'counter', owner, role, password: 'something good', comment: '0' };
      return inComment(await made('/api/security/accounts', account));
    },
  };

  it.each(Object.entries(records))(
    'lose no update of one %s',
    { timeout: rounds * 20_000 },
    async (what, make) => {
      const { written, late, counted, faults } = await countTogether(client, await make(), {
        writers,
        rounds,
      });
      console.info(
        `lost updates: ${writers} writers, ${rounds} rounds each on one ${what}: ${written} x 200, ${late} x 412, counted ${counted}`,
      );
      expect(faults).toEqual([]);
      expect(counted).toBe(written);
      expect(written + late).toBe(writers * rounds);
      expect(written).toBeGreaterThanOrEqual(rounds);
      expect(late).toBeGreaterThan(0);
    },
  );
});

it('PATCHes of different fields of one record at once are all there, round after round', {
  timeout: disjointRounds * 20_000,
}, async () => {
  const ofSvm = { name: 'tenant', comment: 'of round -1' };
  const records = [
    {
      path: await made(policies, { ...policy, name: 'disjoint', remote_endpoint: remote('192.0.2.10') }),
      fields: {
        name: (round: number) => `disjoint ${round}`,
        enabled: (round: number) => round % 2 === 0,
        'local_endpoint.port': (round: number) => `${round + 1}-${round + 1}`,
        'remote_endpoint.port': (round: number) => `${round + 2}-${round + 2}`,
        'remote_endpoint.netmask': (round: number) => String(30 + (round % 3)),
        local_identity: (round: number) => `ours-${round}.example.com`,
        remote_identity: (round: number) => `theirs-${round}.example.com`,
      },
    },
    {
      path: await made(policies, {
        ...policy,
        name: 'clear',
        action: 'bypass',
        remote_endpoint: remote('192.0.2.12'),
      }),
      fields: {
        name: (round: number) => `clear ${round}`,
        action: (round: number) => (round % 2 === 0 ? 'discard' : 'bypass'),
        enabled: (round: number) => round % 2 === 1,
        protocol: (round: number) => (round % 2 === 0 ? 'udp' : 'tcp'),
      },
    },
    {
      path: await made('/api/svm/svms', ofSvm),
      fields: {
        name: (round: number) => `tenant${round}`,
        comment: (round: number) => `of round ${round}`,
      },
    },
    {
      path: await made('/api/network/ip/interfaces', {
        name: 'lif',
        svm: { name: 'svm1' },
        ip: { address: '192.0.2.1' },
      }),
      fields: {
        name: (round: number) => `lif${round}`,
        enabled: (round: number) => round % 2 === 1,
        'ip.address': (round: number) => `192.0.2.${round % 2 === 0 ? 3 : 1}`,
        'ip.netmask': (round: number) => String(24 + (round % 8)),
      },
    },
    {
      path: await made('/api/security/accounts', {
        name: 'disjoint',
        owner: { name: 'svm1' },
        role: { name: 'vsadmin' },
        password: 'something good',
      }),
      fields: {
        comment: (round: number) => `of round ${round}`,
        locked: (round: number) => round % 2 === 0,
        'role.name': (round: number) => (round % 2 === 0 ? 'vsadmin-readonly' : 'vsadmin'),
      },
    },
    {
      path: '/api/security/ipsec',
      fields: {
        enabled: (round: number) => round % 2 === 0,
        replay_window: (round: number) => (round % 2 === 0 ? 64 : 128),
      },
    },
  ];
  const faults = await Promise.all(records.map((record) => patchDisjointly(client, record, disjointRounds)));
  const fields = records.reduce((sum, record) => sum + Object.keys(record.fields).length, 0);
  console.info(
    `lost updates: ${fields} fields of ${records.length} records, each by a PATCH of its own, ${disjointRounds} rounds: ${faults.flat().length} lost`,
  );
  expect(faults.flat()).toEqual([]);
});

describe(`one name, asked for ${creators} times at once`, () => {
  const everywhere: readonly (readonly [string, (index: number) => unknown])[] = [
    [policies, (index) => ({ ...policy, name: 'one', remote_endpoint: remote(`192.0.2.${100 + index}`) })],
    ['/api/svm/svms', () => ({ name: 'one' })],
    ['/api/network/ipspaces', () => ({ name: 'one' })],
    [
      '/api/network/ip/interfaces',
      (index) => ({ name: 'one', svm: { name: 'svm1' }, ip: { address: `198.51.100.${index + 1}` } }),
    ],
    [
      '/api/network/ip/interfaces',
      (index) => ({ name: `of${index}`, svm: { name: 'svm1' }, ip: { address: '198.51.100.99' } }),
    ],
  ];
  /** Each of these takes a second of computing: passwords are hashed, keys are made. */
  const slow: typeof everywhere = [
    ['/api/security/certificates', () => ({ name: 'one', type: 'root_ca', common_name: 'one' })],
    [
      '/api/security/accounts',
      () => ({ name: 'one', owner: { name: 'svm1' }, role: { name: 'vsadmin' }, password: 'something good' }),
    ],
  ];

  it.each(isFullCampaign() ? [...everywhere, ...slow] : everywhere)(
    'is given once by POST %s',
    { timeout: 60_000 },
    async (path, body) => {
      const statuses = await createAtOnce(client, path, body, creators);
      console.info(`lost updates: ${creators} x POST ${path} of one name: ${statuses}`);
      expect(statuses).toBe(`1 x 201, ${creators - 1} x 409`);
    },
  );
});
