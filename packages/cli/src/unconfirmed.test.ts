import type { ApiResponse } from '@esplanade/sdk';
import { describe, expect, it } from 'vitest';
import { commandTable } from './command-table.ts';
import { explainingTransport } from './connection/explaining-transport.ts';
import { runLine } from './testing/run-line.ts';

const doubt = 'It may have been done all the same: look before you repeat it.\n';
const record = { uuid: '7', name: 'nfs', vserver: 'svm1', svm: { name: 'svm1' } };

interface Said {
  readonly status: number;
  readonly body?: unknown;
  readonly location?: string;
}

const refused = (status: number, code: string, message: string): Said => ({
  status,
  body: { error: { code, message } },
});
const page: Said = { status: 502, body: '<html>Bad gateway</html>' };
const job: Said = { status: 202, body: { job: { uuid: 'j1' } } };
const failed = (what: object): Said => ({ status: 200, body: { state: 'failure', ...what } });

/** Runs a line against a server that says this to what changes something, and then that to whoever looks. */
async function told(line: string, change: Said, look: Said = page) {
  let hasChanged = false;
  const answer = ({ status, body = '', location }: Said): ApiResponse => ({
    status,
    header: (name) => (name === 'location' ? location : undefined),
    text: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const url = new URL('https://cluster1');
  const about = { url, user: 'admin', profile: undefined };
  const transport = explainingTransport(async ({ method, url: { pathname } }) => {
    if (method !== 'GET') {
      hasChanged = true;
      return answer(change);
    }
    if (hasChanged) return answer(look);
    if (pathname === '/api/cluster') return answer({ status: 200, body: { name: 'cluster1' } });
    return answer({ status: 200, body: { records: [record, { ...record, uuid: '8', name: 'smb' }] } });
  }, about);
  const { status, notes } = await runLine(commandTable, line.split(' '), {}, transport);
  return { status, notes };
}

const create = 'vserver create svm2';
const modify = 'security ipsec config modify -is-enabled true';

describe('a change that was taken is not told as refused when the look after it fails', () => {
  const looks: readonly (readonly [string, Said])[] = [
    ['gone', refused(404, '4', 'gone')],
    ['not allowed', refused(403, '6', 'not authorized')],
    ['not logged in', refused(401, '6691623', 'User is not authorized.')],
    ['not now', refused(503, '65562', 'busy')],
    ['a page', page],
  ];

  it.each(looks)('at its job: %s', async (_, look) => {
    for (const line of [create, modify]) {
      const { status, notes } = await told(line, job, look);
      expect({ line, status }).toEqual({ line, status: 7 });
      expect(notes).toMatch(/^esplanade: How it ended is not known, job j1 /);
      expect(notes.endsWith(doubt)).toBe(true);
    }
  });

  it.each(looks)('at what it made: %s', async (_, look) => {
    const { status, notes } = await told(create, { status: 201, location: '/api/svm/svms/7' }, look);
    expect(status).toBe(7);
    expect(notes).toMatch(/^esplanade: A record of \S+ was made, and a look at it failed: /);
    expect(notes.endsWith('Look before you repeat it.\n')).toBe(true);
    expect(notes).not.toContain('may have been');
  });
});

it("a proxy's page to a change leaves open whether it was done", async () => {
  const { status, notes } = await told(modify, page);
  expect(status).toBe(8);
  expect(notes.endsWith(`says that it is away. ${doubt}`)).toBe(true);
});

it('a refusal by parts that were not heard of in time does so too', async () => {
  const { notes } = await told(modify, refused(500, '65541', 'RPC timeout'));
  expect(notes).toBe(`esplanade: RPC timeout. (ONTAP error 65541) ${doubt}`);
});

describe('a refusal ends with the status of its code where its own tells nothing', () => {
  it.each([
    ['66257104', 5],
    ['4', 3],
    ['6', 4],
    ['262197', 6],
    ['65562', 1],
  ] as const)('%s with %i', async (code, status) => {
    expect(await told(create, job, failed({ code: Number(code), message: 'No.' }))).toEqual({
      status,
      notes: `esplanade: No. (ONTAP error ${code})\n`,
    });
    expect((await told(modify, refused(500, code, 'No.'))).status).toBe(status);
  });
});

it('no code is told where there is none', async () => {
  expect((await told(create, job, failed({ message: 'Out of space.' }))).notes).toBe(
    'esplanade: Out of space.\n',
  );
  expect((await told(create, job, failed({}))).notes).toBe(
    'esplanade: The job failed, and does not say why.\n',
  );
  expect((await told(create, { status: 503, body: '<html>' })).notes).toBe(
    'esplanade: The server cannot answer now.\n',
  );
});

it("a proxy's page to a change of several leaves open which of them were done", async () => {
  const line = 'security ipsec policy modify -vserver svm1 -policy-name * -is-enabled false -force';
  const { status, notes } = await told(line, page, { status: 200, body: { records: [] } });
  expect(status).toBe(8);
  expect(notes).toMatch(/Some of these may have been modified all the same: look before you repeat it\.\n$/);
});

it.each([
  ['a page', page],
  ['no login', refused(401, '6691623', 'User is not authorized.')],
  ['no right', refused(403, '6', 'not authorized')],
])('a policy that was made is told as that, also where the setting cannot be read: %s', async (_, look) => {
  const line =
    'security ipsec policy create -vserver svm1 -name nfs -local-ip-subnets 10.0.0.1/32 -remote-ip-subnets 10.0.0.2/32 -action BYPASS';
  const made = { status: 201, body: { num_records: 1, records: [{ vserver: 'svm1', name: 'nfs' }] } };
  expect(await told(line, made, look)).toEqual({ status: 0, notes: '' });
});
