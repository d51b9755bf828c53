import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { expectSecretsKept } from './secret-campaign.ts';

describe('the keys that users send', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-secrets-'));
  });

  afterAll(async () => rm(directory, { recursive: true }));

  it('are in no answer, log line, metric, file or diagnostic report, in clear, hexadecimal or base64', async () => {
    const flags = ['--datapath', 'simulated'];
    await expectSecretsKept({ name: 'secrets', directory, flags, isThorough: true });
  });
});
