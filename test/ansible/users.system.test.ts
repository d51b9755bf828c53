import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Esplanade } from '../support/esplanade.ts';
import { Operator } from '../support/operator.ts';
import { AnsibleUser, changedBy, type PlaybookRun, type TwoRuns } from './playbook.ts';
import { requestLogFlags } from './request-log.ts';

const accounts = '/api/security/accounts';
const reader = 'The reader has an account';
const keeper = 'The keeper of svm1 has an account';

describe("NetApp's module for accounts", () => {
  let directory: string;
  let server: Esplanade;
  let creation: TwoRuns;
  let change: TwoRuns;
  let removal: PlaybookRun;
  const after: unknown[] = [];

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
    };
    creation = await user.playTwice('users.yml', wish({}));
    await look();
    change = await user.playTwice('users.yml', wish({ reader_role: 'admin', is_locked: true }));
    await look();
    removal = await user.play('users.yml', wish({ is_wanted: false }));
    await look();
  }, 400_000);

  afterAll(async () => {
    await server?.stop();
    await rm(directory, { recursive: true });
  });

  it('creates accounts of the cluster and of an SVM, and finds nothing to do the second time', () => {
    expect(changedBy(creation.first)).toEqual([reader, keeper]);
    expect(changedBy(creation.second)).toEqual([]);
    expect(after[0]).toMatchObject({
      records: [
        { name: 'keeper', owner: { name: 'svm1' }, scope: 'svm', role: { name: 'vsadmin' }, locked: false },
        { name: 'reader', scope: 'cluster', role: { name: 'readonly' } },
      ],
    });
  });

  it('changes roles and locks accounts, once', () => {
    expect(changedBy(change.first)).toEqual([reader, keeper]);
    expect(changedBy(change.second)).toEqual([]);
    expect(after[1]).toMatchObject({ records: [{ locked: true }, { role: { name: 'admin' } }] });
  });

  it('deletes them', () => {
    expect(changedBy(removal)).toEqual([reader, keeper]);
    expect(after[2]).toMatchObject({ num_records: 0 });
  });
});
