import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExpiryWatch } from './expiry-watch.ts';
import { goodPolicy, startTestServer, type TestServer } from './testing/test-server.ts';

const dayMs = 86_400_000;

let server: TestServer;
let certificateUuid: string;
let policyUuid: string;
beforeAll(async () => {
  server = await startTestServer();
  const create = async (path: string, body: unknown): Promise<string> => {
    const answer = await server.request('POST', `/api${path}`, body);
    expect(answer).toMatchObject({ status: 201 });
    return answer.headers['location']?.split('/').at(-1) ?? '';
  };
  const certificate = {
    type: 'server',
    name: 'keeper',
    common_name: 'keeper.example.org',
    'svm.name': 'svm1',
  };
  certificateUuid = await create('/security/certificates', { ...certificate, expiry_time: 'P20DT' });
  await create('/security/certificates', { ...certificate, name: 'unused', expiry_time: 'P20DT' });
  const { secret_key: _, ...policy } = goodPolicy;
  policyUuid = await create('/security/ipsec/policies', {
    ...policy,
    'svm.name': 'svm1',
    authentication_method: 'pki',
    certificate: { uuid: certificateUuid },
    remote_identity: 'ANYTHING',
  });
});
afterAll(() => server.close());

const warning = /Certificate "keeper" expires on \d{4}-\d\d-\d\d\. Install a new one before\./;
const noCa = /No CA certificate is trusted/;

describe('what expires', () => {
  it('is a warning of the policies that rest on it', async () => {
    const { body } = await server.request('GET', `/api/esplanade/v1/policies/${policyUuid}?fields=warnings`);
    expect(body.warnings).toEqual([expect.stringMatching(warning), expect.stringMatching(noCa)]);
  });

  it('is told in the log once, and again when it is over', async () => {
    let now = Date.now();
    const planned: (() => void)[] = [];
    const told: string[] = [];
    const watch = new ExpiryWatch({
      desired: server.parts.desired,
      clock: {
        nowMs: () => now,
        after: (_, action) => {
          planned.push(action);
          return () => undefined;
        },
      },
      onWarning: (sentence) => told.push(sentence),
      onUnexpected: (error) => {
        throw error;
      },
    });
    const look = async () => {
      planned.shift()?.();
      await expect.poll(() => planned.length).toBe(1);
    };
    await look();
    await look();
    const expiring = /^of policies of SVM "svm1": Certificate "keeper" expires/;
    expect(told).toEqual([expect.stringMatching(expiring), expect.stringMatching(noCa)]);
    now += 21 * dayMs;
    await look();
    expect(told).toHaveLength(3);
    expect(told[2]).toMatch(/has expired on/);
    watch.close();
  });

  it('is among the metrics, for certificates that IPsec uses', async () => {
    const { text } = await server.request('GET', '/metrics');
    const lines = text.split('\n').filter((line) => line.startsWith('esplanade_certificate_not_after'));
    expect(lines).toEqual([
      expect.stringMatching(
        `^esplanade_certificate_not_after_timestamp_seconds\\{svm="svm1",certificate="keeper",uuid="${certificateUuid}",use="own"\\} \\d{10}$`,
      ),
    ]);
  });
});
