import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Esplanade } from '../support/esplanade.ts';
import { AnsibleUser, changedBy, type PlaybookRun, type TwoRuns, taskOf } from './playbook.ts';
import { requestLogFlags } from './request-log.ts';

const receiver = 'The receiver gets the log';
const known = 'What is known of the log';

describe("NetApp's modules for the audit log", () => {
  let directory: string;
  let server: Esplanade;
  let creation: TwoRuns;
  let removal: PlaybookRun;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-ansible-audit-'));
    server = await Esplanade.start({
      dataDirectory: join(directory, 'data'),
      flags: ['--datapath', 'simulated', ...requestLogFlags],
    });
    const user = await AnsibleUser.create(server, directory);
    creation = await user.playTwice('audit.yml', {});
    removal = await user.play('audit.yml', { variables: { is_wanted: false } });
  }, 200_000);

  afterAll(async () => {
    await server?.stop();
    await rm(directory, { recursive: true });
  });

  const gathered = (run: PlaybookRun): unknown => taskOf(run, known).returned['ontap_info'];

  it('make a receiver of it, once, and take it away', () => {
    expect(changedBy(creation.first)).toEqual([receiver]);
    expect(changedBy(creation.second)).toEqual([]);
    expect(changedBy(removal)).toEqual([receiver]);
    expect(gathered(creation.second)).toMatchObject({
      'security/audit/destinations': {
        num_records: 1,
        records: [{ address: '192.0.2.9', port: 6514, protocol: 'tcp_unencrypted', facility: 'local7' }],
      },
    });
    expect(gathered(removal)).toMatchObject({ 'security/audit/destinations': { num_records: 0 } });
  });

  it('gather the settings, and the whole log over its pages', () => {
    expect(gathered(removal)).toMatchObject({
      'security/audit': { cli: false, http: false, ontapi: false },
      'security/audit/messages': {
        records: expect.arrayContaining([
          expect.objectContaining({
            user: 'admin',
            state: 'success',
            input: expect.stringMatching(
              /^POST \/api\/security\/audit\/destinations : \{"address":"192\.0\.2\.9"/,
            ),
          }),
          expect.objectContaining({
            input: 'DELETE /api/security/audit/destinations/192.0.2.9/6514?return_timeout=3',
          }),
        ]),
      },
    });
  });
});
