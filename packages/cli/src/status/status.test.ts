import { connect, type Transport } from '@esplanade/sdk';
import { basic, goodPolicy, testPassword } from '@esplanade/server/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordingTerminal } from '../testing/recording-terminal.ts';
import { startTestCluster, type TestCluster } from '../testing/test-cluster.ts';
import { type Report, reportOf } from './report.ts';
import { askSources, type Source, type Sources } from './sources.ts';
import { statusLines } from './status-lines.ts';

const nowMs = Date.parse('2026-11-22T03:00:00Z');

const known = <T>(value: T): Source<T> => ({ kind: 'known', value });
const none = known({ records: [], count: 0 });

/** A server with which all is well. */
const well: Sources = {
  url: 'https://cluster1',
  cluster: known({ name: 'cluster1', version: { full: 'Esplanade 0.1.0' } }),
  ipsec: known({ enabled: true, replay_window: 64 }),
  health: known({ ready: true, store: { ready: true }, writes: { ready: true } }),
  datapaths: known({
    records: [
      {
        ipspace: { name: 'Default' },
        kind: 'strongswan',
        description: 'strongSwan 5.9.8',
        ready: true,
        guard: 'present',
      },
    ],
    count: 1,
  }),
  states: known(new Map([['applied', 1200]])),
  enabled: known(new Map([['true', 1200]])),
  troubled: none,
  sas: known(
    new Map([
      ['ike', 3],
      ['ipsec', 4],
    ]),
  ),
  lastKnown: known(undefined),
  expiring: none,
};

const lines = async (report: Report) => statusLines(report, recordingTerminal({ columns: 80 }));

describe('a report', () => {
  it('says so when nothing needs attention', async () => {
    expect(await lines(reportOf(well, nowMs))).toEqual([
      '  Server: cluster1, https://cluster1',
      ' Version: Esplanade 0.1.0',
      '   IPsec: enabled, anti-replay window of 64 packets',
      'Datapath: Default: strongSwan 5.9.8, ready',
      'Policies: 1,200 applied',
      '     SAs: 3 IKE, 4 IPsec',
      '',
      'Nothing needs attention.',
    ]);
  });

  it.each([
    ['hidden', 'Of what this account may read, nothing needs attention.'],
    ['absent', 'Of what this server tells, nothing needs attention.'],
  ] as const)('says of what nothing needs attention where a part is %s', async (kind, sentence) => {
    expect((await lines(reportOf({ ...well, datapaths: { kind } }, nowMs))).at(-1)).toBe(sentence);
  });

  it('names what is not up, since when and why', async () => {
    const report = reportOf(
      {
        ...well,
        health: known({
          ready: false,
          store: { ready: true },
          writes: { ready: false, reason: 'The disk is full.' },
        }),
        datapaths: known({
          records: [
            {
              ipspace: { name: 'Default' },
              kind: 'strongswan',
              ready: false,
              reason: 'Nobody listens on its socket.',
              since: '2026-11-22T02:00:00Z',
              guard: 'absent',
              kernel: { missing: 2 },
            },
          ],
          count: 1,
        }),
        troubled: known({
          records: [
            {
              name: 'nfs',
              svm: { name: 'svm1' },
              state: 'failed',
              reason: 'No such certificate.',
              since: '2026-11-22T02:57:00Z',
              last_failure: '192.0.2.2: no proposal chosen',
              warnings: ['Its certificate expires in 3 days.'],
            },
            { name: 'smb', state: 'shadowed', reason: 'Policy "nfs" is older.' },
            {
              name: 'cifs',
              state: 'pending',
              reason: 'the simulated daemon is down',
              since: '2026-11-22T02:59:40Z',
            },
          ],
          count: 6,
        }),
      },
      nowMs,
    );
    expect(
      report.attention.map(({ severity, subject, sentence }) => `${severity} ${subject}: ${sentence}`),
    ).toEqual([
      'error writes: The disk is full.',
      'error datapath of Default: It has not answered for 1 h: Nobody listens on its socket.',
      'error datapath of Default: The kernel lacked 2 policies and SAs when it was last looked at. They are put back.',
      'error policy nfs of svm1: It failed 3 m ago: No such certificate.',
      'error policy nfs of svm1: Not up: 192.0.2.2: no proposal chosen',
      'error policy cifs: It has been pending for 20 s: the simulated daemon is down.',
      'error policies: There are 3 more: "security ipsec state show -fields state,last-failure,warnings".',
      'warning datapath of Default: There is no guard: while charon is stopped in order, protected traffic may go in clear.',
      'warning policy nfs of svm1: Its certificate expires in 3 days.',
      'warning policy smb: It is shadowed: Policy "nfs" is older.',
    ]);
    const text = await lines(report);
    expect(text).toContain('10 things need attention.');
    expect(text).toContain('ERROR   Policy nfs of svm1: It failed 3 m ago: No such certificate.');
    expect(Math.max(...text.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('tells certificates that have expired from those that will', () => {
    const { attention } = reportOf(
      {
        ...well,
        expiring: known({
          records: [
            { name: 'old', svm: { name: 'svm1' }, expiry_time: '2026-11-21T03:00:00Z' },
            { common_name: 'soon', expiry_time: '2026-11-25T05:00:00Z' },
          ],
          count: 3,
        }),
      },
      nowMs,
    );
    expect(attention).toMatchObject([
      { severity: 'error', subject: 'certificate old of svm1', sentence: 'It expired 1 d ago.' },
      { severity: 'warning', subject: 'certificate soon' },
      { severity: 'warning', sentence: '1 more expire soon.' },
    ]);
    expect(attention[1]?.sentence).toMatch(/^It expires in 3 d 2 h, on 2026-11-25 /);
  });

  it('takes no policy for down while IPsec is disabled, but says that it is', () => {
    const { attention } = reportOf(
      {
        ...well,
        ipsec: known({ enabled: false }),
        troubled: known({ records: [{ name: 'nfs', state: 'pending' }], count: 1 }),
      },
      nowMs,
    );
    expect(attention).toMatchObject([{ severity: 'warning', subject: 'IPsec' }]);
  });

  it('never lets what cannot be learnt look well', async () => {
    const text = await lines(
      reportOf(
        {
          ...well,
          datapaths: { kind: 'hidden' },
          states: { kind: 'absent' },
          sas: { kind: 'failed', status: 503, sentence: 'The SAs are not known.' },
        },
        nowMs,
      ),
    );
    expect(text).toContain('Unknown: datapath: this account may not read it.');
    expect(text).toContain('Unknown: states of policies: this server does not tell.');
    expect(text).toContain('ERROR   SAs: The SAs are not known.');
    expect(text).toContain('Policies: 1,200 enabled');
  });
});

describe('status', () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startTestCluster();
    await cluster.api.record('/security/ipsec').modify({ enabled: true });
    await cluster.api.collection('/security/ipsec/policies').create(goodPolicy);
    await cluster.api.collection('/security/ipsec/policies').create({ ...goodPolicy, name: 'nfs2' });
    // The simulator brings up what a policy wants.
    await cluster.api.collection('/security/ipsec/security-associations').until((sas) => sas.length === 2);
  });
  afterAll(() => cluster.close());

  it('tells a person how a server is', async () => {
    const { status, output } = await cluster.run(['status'], { columns: 100 });
    expect(status).toBe(0);
    expect(output).toContain(
      '   IPsec: enabled, without anti-replay (security ipsec config modify -replay-window 64)\n',
    );
    expect(output).toContain('Policies: 2: 1 applied, 1 shadowed\n');
    expect(output).toContain(
      'WARNING Datapath of Default: It is simulated: no packet is encrypted or blocked.\n',
    );
    expect(output).toMatch(
      /WARNING Policy nfs2 of svm1: It has been shadowed for \d+ s: Policy "nfs" is older/,
    );
  });

  it('has colour on a terminal that has, unless it is not wanted', async () => {
    const options = { columns: 80, hasColour: true };
    expect((await cluster.run(['status'], options)).output).toContain('\x1b[33mWARNING\x1b[0m Policy nfs2');
    expect((await cluster.run(['status', '-no-color'], options)).output).not.toContain('\x1b');
  });

  it('tells a program the same', async () => {
    const report = JSON.parse((await cluster.run(['status', '--json'])).output);
    expect(report).toMatchObject({
      ready: true,
      ipsec: { enabled: true },
      policies: { applied: 1, shadowed: 1 },
      security_associations: { ike: 1, ipsec: 1 },
    });
    expect(report.attention).toHaveLength(2);
    const { output } = await cluster.run(['status', '--csv']);
    expect(output.split('\n')[0]).toContain('url,cluster,version,ready,ipsec-enabled');
    expect(output.split('\n')[1]).toContain('https://cluster1,esplanade,');
  });

  it('asks a server for the state of every policy no oftener than it has to', async () => {
    const { states, asked } = await questions(cluster);
    expect(states).toEqual({ applied: 1, pending: 0, failed: 0, shadowed: 1, disabled: 0 });
    // Two numbers, and the three kinds of trouble: what is not in force is few enough to be counted here.
    expect(asked).toHaveLength(5);
  });

  it('tells of a real ONTAP what there is, and what there is not', async () => {
    const transport: Transport = async ({ method, url, headers }) => {
      const isOurs = url.pathname.startsWith('/api/esplanade') || !url.pathname.startsWith('/api/');
      const answer = isOurs
        ? { status: 404, headers: {}, text: '{"error":{"code":"3","message":"API not found"}}' }
        : await cluster.server.request(method, `${url.pathname}${url.search}`, undefined, headers);
      return { status: answer.status, header: () => undefined, text: answer.text };
    };
    const ontap = connect({ url: 'https://ontap', user: 'admin', password: testPassword, transport });
    const report = reportOf(await askSources(ontap, AbortSignal.timeout(10_000), new Date(nowMs)), nowMs);
    expect(report).toMatchObject({
      cluster: 'esplanade',
      ipsec: { enabled: true },
      policies: { enabled: 2, disabled: 0 },
      attention: [],
      unknown: ['datapath: this server does not tell', 'states of policies: this server does not tell'],
    });
    expect(report).not.toHaveProperty('ready');
  });

  it('tells an account of an SVM what it may know', async () => {
    const password = 'a password for svm1';
    await cluster.api
      .collection('/security/accounts')
      .create({ name: 'keeper', owner: { name: 'svm1' }, role: { name: 'vsadmin' }, password });
    const asked = cluster.api.with({ headers: { authorization: basic('keeper', password) } });
    const report = reportOf(await askSources(asked, AbortSignal.timeout(10_000), new Date(nowMs)), nowMs);
    expect(report.unknown).toEqual(['datapath: this account may not read it']);
    expect(report.policies).toMatchObject({ applied: 1, shadowed: 1 });
    const refused = cluster.api.collection('/security/audit/messages').query('state', 'error');
    expect(await refused.query('user', 'keeper').toArray()).toEqual([]);
  });
});

describe('status of many policies', () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startTestCluster();
    await cluster.api.record('/security/ipsec').modify({ enabled: true });
    const policies = cluster.api.collection('/security/ipsec/policies');
    for (let index = 10; index < 35; index += 1) {
      const policy = { ...goodPolicy, remote_endpoint: { address: `192.0.2.${index}`, netmask: '32' } };
      await policies.create({ ...policy, name: `nfs${index}` });
      if (index < 32) await policies.create({ ...policy, name: `late${index}` });
    }
  });
  afterAll(() => cluster.close());

  const told = async (): Promise<readonly string[]> =>
    JSON.parse((await cluster.run(['status', '--json'])).output).attention.map(
      ({ subject, sentence }: { subject: string; sentence: string }) => `${subject}: ${sentence}`,
    );

  it('tells of twenty that are in trouble and counts the others, and none that is well', async () => {
    const late = async () => (await told()).filter((line) => line.startsWith('policy late'));
    await expect.poll(late).toHaveLength(20);
    const lines = await told();
    expect(lines.filter((line) => line.startsWith('policy nfs'))).toEqual([]);
    expect(lines.at(-1)).toBe(
      'policies: There are 2 more: "security ipsec state show -fields state,last-failure,warnings".',
    );
  });

  it('asks for numbers where there are more than it tells of, and for none twice', async () => {
    const { states, asked } = await questions(cluster);
    expect(states).toEqual({ applied: 25, pending: 0, failed: 0, shadowed: 22, disabled: 0 });
    const counted = asked.filter((question) => question.includes('return_records=false'));
    expect(new Set(counted).size).toBe(counted.length);
    expect(counted).toHaveLength(5);
    expect(asked).toHaveLength(8);
  });

  it('says so where the SAs are only the last known ones', async () => {
    const sentence = 'These are the last known SAs, the datapath does not answer. It is down.';
    const asked = askedStale(cluster, sentence);
    const report = reportOf(await askSources(asked, AbortSignal.timeout(10_000), new Date(nowMs)), nowMs);
    const warning = report.attention.find(({ subject }) => subject === 'SAs');
    expect(warning?.severity).toBe('warning');
    expect(warning?.sentence).toMatch(/^Not current since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d: /);
    expect(warning?.sentence).toContain(sentence);
  });
});

/** What status asks about policies, and what it makes of their states. */
async function questions({ server }: TestCluster) {
  const asked: string[] = [];
  const transport: Transport = async ({ method, url, headers }) => {
    if (/\/policies$/.test(url.pathname)) asked.push(`${url.pathname}${url.search}`);
    const answer = await server.request(method, `${url.pathname}${url.search}`, undefined, headers);
    return { status: answer.status, header: () => undefined, text: answer.text };
  };
  const api = connect({ url: 'https://cluster1', user: 'admin', password: testPassword, transport });
  const { states } = await askSources(api, AbortSignal.timeout(10_000), new Date(nowMs));
  return { states: states.kind === 'known' ? Object.fromEntries(states.value) : states, asked };
}

/** The cluster, which says this with its SAs. */
function askedStale({ server }: TestCluster, message: string) {
  const transport: Transport = async ({ method, url, headers }) => {
    const answer = await server.request(method, `${url.pathname}${url.search}`, undefined, headers);
    const text = url.pathname.endsWith('/security-associations')
      ? JSON.stringify({ ...answer.body, error: { code: '990001', message } })
      : answer.text;
    return { status: answer.status, header: () => undefined, text };
  };
  return connect({ url: 'https://cluster1', user: 'admin', password: testPassword, transport });
}
