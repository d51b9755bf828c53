import { expect, it } from 'vitest';
import type { ApiRecord } from '../output/output.ts';
import { recordingTerminal } from '../testing/recording-terminal.ts';
import { reportOf } from './report.ts';
import type { Sources } from './sources.ts';
import { statusLines } from './status-lines.ts';

const nowMs = Date.parse('2026-11-22T03:00:00Z');
const absent = { kind: 'absent' } as const;

/** A report in which nothing is known but these policies, of so many. */
function reportOn(records: readonly ApiRecord[], count = records.length) {
  const sources: Sources = {
    url: 'https://cluster1',
    ipsec: { kind: 'known', value: { enabled: true } },
    troubled: { kind: 'known', value: { records, count } },
    ...{ cluster: absent, health: absent, datapaths: absent, states: absent, enabled: absent },
    ...{ sas: absent, lastKnown: absent, expiring: absent },
  };
  return reportOf(sources, nowMs);
}

/** From the first thing that needs attention on. */
async function attentionLines(report: ReturnType<typeof reportOn>): Promise<readonly string[]> {
  const lines = await statusLines(report, recordingTerminal({ columns: 80 }));
  return lines.slice(lines.findIndex((line) => /^(ERROR|WARNING) /.test(line)));
}

const owner = { svm: { name: 'svm1' } };
const down = { ...owner, state: 'pending', reason: 'the simulated daemon is down' };

it('tells once of policies of which the same is wrong, and names some to people', async () => {
  const records = ['a', 'b', 'c', 'd', 'e'].map((name, index) => ({
    ...down,
    name,
    since: `2026-11-22T02:59:${50 - index}Z`,
  }));
  const report = reportOn(records, 455);
  expect(report.attention).toMatchObject([
    { subject: 'policies', names: ['a', 'b', 'c', 'd', 'e'].map((name) => `${name} of svm1`) },
    { subject: 'policies', sentence: expect.stringMatching(/^There are 450 more: /) },
  ]);
  expect(await attentionLines(report)).toEqual([
    'ERROR   Policies a of svm1, b of svm1, c of svm1 and 2 more: They have been',
    '        pending for up to 14 s: the simulated daemon is down.',
    'ERROR   Policies: There are 450 more:',
    '        "security ipsec state show -fields state,last-failure,warnings".',
  ]);
});

it('tells apart policies of which something else is wrong, errors first', async () => {
  const report = reportOn([
    { ...owner, name: 'a', state: 'applied', warnings: ['Its certificate expires in 3 days.'] },
    { ...down, name: 'b' },
    { ...down, name: 'c', reason: 'No such certificate.' },
    { ...owner, name: 'd', state: 'applied', warnings: ['Its certificate expires in 3 days.'] },
  ]);
  expect(await attentionLines(report)).toEqual([
    'ERROR   Policy b of svm1: It is pending: the simulated daemon is down.',
    'ERROR   Policy c of svm1: It is pending: No such certificate.',
    'WARNING Policies a of svm1 and d of svm1: Its certificate expires in 3 days.',
  ]);
});

it('speaks of commands where the API speaks of requests, and breaks none in two that fits', async () => {
  const failure =
    'No remote can prove who it is. Install the CA of the remotes by POST /api/security/certificates {"svm.name": "svm1", "type": "server_ca", "public_certificate": "..."}, and then POST /api/security/ipsec/ca-certificates {"svm.name": "svm1", "certificate.uuid": "..."}.';
  const told = await attentionLines(
    reportOn([{ ...owner, name: 'nfs', state: 'applied', last_failure: failure }]),
  );
  expect(told).toEqual([
    'ERROR   Policy nfs of svm1: Not up: No remote can prove who it is. Install the',
    '        CA of the remotes by "security certificate install -vserver svm1 -type',
    '        server-ca -cert-name NAME -public-certificate FILE", and then',
    '        "security ipsec ca-certificate add -vserver svm1 -ca-certs NAME".',
  ]);
});

it('breaks no time in two', async () => {
  for (let length = 20; length < 60; length += 1) {
    const told = await attentionLines(
      reportOn([{ name: 'x'.repeat(length), state: 'applied', last_failure: 'At 2026-11-22T06:12:52Z.' }]),
    );
    expect(told.join('\n')).toContain('2026-11-22T06:12:52Z.');
  }
});
