import { afterAll, describe, expect, it, vi } from 'vitest';
import { basic, startTestServer } from '../testing/test-server.ts';

/** Each login that is new is hashed: the machine may have other things to do. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const accounts = '/api/security/accounts';
const password = 'a password of these tests';
const server = await startTestServer();
afterAll(() => server.close());

async function make(body: object, path = accounts): Promise<string> {
  const { status, text, headers } = await server.request('POST', path, body);
  expect(status, text).toBe(201);
  return String(headers['location']);
}

describe('an account whose role does not open accounts', () => {
  it('is answered of others as of those that are not there', async () => {
    const scraper = { privileges: [{ path: '/metrics', access: 'readonly' }] };
    const roles = [
      await make({ name: 'scraper', ...scraper }, '/api/security/roles'),
      await make({ name: 'scraper', owner: { name: 'svm1' }, ...scraper }, '/api/security/roles'),
    ];
    const theirs = await make({
      name: 'present',
      owner: { name: 'svm1' },
      role: { name: 'vsadmin' },
      password,
    });
    const ofCluster = await make({ name: 'present', role: { name: 'none' }, password });
    const role = { name: 'scraper' };
    const own = [
      await make({ name: 'of-cluster', role, password }),
      await make({ name: 'of-svm', owner: { name: 'svm1' }, role, password }),
    ];
    for (const [name, login] of [
      ['of-cluster', 'of-cluster'],
      ['of-svm', String.raw`svm1\of-svm`],
    ] as const) {
      const headers = { authorization: basic(login, password) };
      const ask = async (url: string, body: object) => {
        const answer = await server.request('PATCH', url, body, headers);
        return { status: answer.status, body: answer.body };
      };
      for (const body of [{ password: 'another secret' }, { locked: true }, {}]) {
        for (const present of [theirs, ofCluster]) {
          const absent = await ask(present.replace(/present$/, 'absent'), body);
          expect(absent).toMatchObject({ status: 403, body: { error: { code: '6' } } });
          expect(await ask(present, body)).toEqual(absent);
          const [, uuid] = /accounts\/([^/]+)/.exec(present) ?? [];
          const named = (other: string) =>
            ask(accounts, { records: [{ owner: { uuid }, name: other, ...body }] });
          const unnamed = await named('absent');
          expect(unnamed).toMatchObject({ status: 403, body: { error: { code: '6' } } });
          expect(await named('present')).toEqual(unnamed);
        }
        for (const [known, unknown] of [
          ['role.name=none', 'role.name=no-such'],
          ['role.name=vsadmin', 'role.name=no-such'],
          ['name=present', 'name=absent'],
          ['owner.name=svm1&name=!of-svm', 'owner.name=no-such&name=!of-svm'],
        ]) {
          const [one, other] = [
            await ask(`${accounts}?${known}`, body),
            await ask(`${accounts}?${unknown}`, body),
          ];
          expect(one).toMatchObject({ status: 200, body: { num_records: 0 } });
          expect(JSON.stringify(one.body).replaceAll(`${known}`, `${unknown}`)).toBe(
            JSON.stringify(other.body),
          );
        }
      }
      const mine = await ask(`${accounts}?name=*&return_records=true`, { password: `secret of ${name}` });
      expect(mine).toMatchObject({ status: 400, body: { error: { code: '7077918' } } });
      const changed = await ask(`${accounts}?name=*&return_records=true`, { password: 'another secret' });
      expect(changed).toMatchObject({ status: 200, body: { num_records: 1, records: [{ name }] } });
    }
    for (const each of [...own, theirs, ofCluster, ...roles])
      expect((await server.request('DELETE', each)).status).toBe(200);
  });
});
