import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Esplanade } from '../support/esplanade.ts';
import { Operator } from '../support/operator.ts';
import { AnsibleUser, changedBy, type PlaybookRun, type TwoRuns } from './playbook.ts';
import { requestLogFlags } from './request-log.ts';

const accounts = '/api/security/accounts';
const roles = '/api/security/roles';
const certifier = 'The certifiers of svm1 have a role';
const watcher = 'The watchers of the cluster have a role';
const robot = 'The robot of svm1 has an account';
const reader = 'The reader has an account';
const keeper = 'The keeper of svm1 has an account';

describe("NetApp's modules for accounts and their roles", () => {
  let directory: string;
  let server: Esplanade;
  let creation: TwoRuns;
  let change: TwoRuns;
  let removal: PlaybookRun;
  const after: unknown[] = [];
  const rolesAfter: unknown[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-ansible-users-'));
    server = await Esplanade.start({
      dataDirectory: join(directory, 'data'),
      flags: ['--datapath', 'simulated', ...requestLogFlags],
    });
    const user = await AnsibleUser.create(server, directory);
    const operator = new Operator(server);
    const variables = { user_password: 'a password of these tests' };
    const wish = (more: object) => ({ variables: { ...variables, ...more } });
    const look = async (): Promise<void> => {
      after.push(await operator.expect(200, 'GET', `${accounts}?name=!admin&fields=*&order_by=name`));
      rolesAfter.push(await operator.expect(200, 'GET', `${roles}?builtin=false&fields=*&order_by=name`));
    };
    const changes = {
      reader_role: 'watcher',
      is_locked: true,
      certifier_privileges: [
        { path: '/api/security/certificates', access: 'all' },
        { path: '/api/security/certificates/*/sign', access: 'none' },
      ],
    };
    creation = await user.playTwice('users.yml', wish({}));
    await look();
    change = await user.playTwice('users.yml', wish(changes));
    await look();
    removal = await user.play('users.yml', wish({ is_wanted: false }));
    await look();
  }, 400_000);

  afterAll(async () => {
    await server?.stop();
    await rm(directory, { recursive: true });
  });

  it('creates roles and accounts of the cluster and of an SVM, and finds nothing to do the second time', () => {
    expect(changedBy(creation.first)).toEqual([certifier, watcher, reader, keeper, robot]);
    expect(changedBy(creation.second)).toEqual([]);
    expect(after[0]).toMatchObject({
      records: [
        { name: 'keeper', owner: { name: 'svm1' }, scope: 'svm', role: { name: 'vsadmin' }, locked: false },
        { name: 'reader', scope: 'cluster', role: { name: 'readonly' } },
        {
          name: 'robot',
          role: { name: 'certifier' },
          applications: [{ application: 'http', authentication_methods: ['certificate'] }],
        },
      ],
    });
    expect(rolesAfter[0]).toMatchObject({
      records: [
        {
          name: 'certifier',
          owner: { name: 'svm1' },
          privileges: [
            { path: '/api/cluster', access: 'all' },
            { path: '/api/security/certificates', access: 'read_create' },
          ],
        },
        { name: 'watcher', scope: 'cluster', privileges: [{ path: '/api', access: 'readonly' }] },
      ],
    });
  });

  it('changes what roles may do, gives other roles and locks accounts, once', () => {
    expect(changedBy(change.first)).toEqual([certifier, reader, keeper]);
    expect(changedBy(change.second)).toEqual([]);
    expect(after[1]).toMatchObject({ records: [{ locked: true }, { role: { name: 'watcher' } }, {}] });
    expect(rolesAfter[1]).toMatchObject({
      records: [
        {
          privileges: [
            { path: '/api/security/certificates', access: 'all' },
            { path: '/api/security/certificates/*/sign', access: 'none' },
          ],
        },
        {},
      ],
    });
  });

  it('deletes them', () => {
    const gone = ['The role of the certifiers is gone', 'The role of the watchers is gone'];
    expect(changedBy(removal)).toEqual([reader, keeper, robot, ...gone]);
    expect(after[2]).toMatchObject({ num_records: 0 });
    expect(rolesAfter[2]).toMatchObject({ num_records: 0 });
  });
});
