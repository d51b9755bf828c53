import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nearest } from './suggest.ts';
import { startTestCluster, type TestCluster } from './testing/test-cluster.ts';

it.each([
  ['shwo', ['show', 'create'], 'show'],
  ['actoin', ['vserver', 'action'], 'action'],
  ['ab', ['ba'], 'ba'],
  ['esp_tar', ['ESP_TRA', 'BYPASS'], 'ESP_TRA'],
  ['frst', ['first', 'forest'], 'first'],
  ['xyz', ['show', 'create'], undefined],
  ['', ['show'], undefined],
  ['x', ['y'], undefined],
  ['65', ['0', '64'], undefined],
  ['show', [], undefined],
])('of %j the nearest in %j is %j', (word, known, near) => {
  expect(nearest(word, known)).toBe(near);
});

it('to what nobody types by hand nothing is near, and it costs nothing to say so', () => {
  const long = 'a'.repeat(64);
  expect(nearest(`${long.slice(1)}b`, [long])).toBe(long);
  expect(nearest(`${long}b`, [long])).toBeUndefined();
  expect(nearest('a'.repeat(1_000_000), [long, 'show', 'a'.repeat(1_000_001)])).toBeUndefined();
});

const long = 'x'.repeat(100_000);

describe('one is told what was meant', () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startTestCluster();
    for (const line of [
      'network interface create -vserver svm1 -lif coast -address 192.0.2.77',
      'security certificate create -vserver svm1 -cert-name coast -common-name coast -type root-ca',
    ])
      expect(await cluster.run(line.split(' '))).toMatchObject({ status: 0 });
  });
  afterAll(() => cluster.close());

  it.each([
    ['simulator fault add', 2, 'There are: '],
    ['set -privilege advanced', 2, 'There are no privilege levels'],
    ['rows 0', 2, 'not paged'],
    ['security ipsec policy shwo', 2, 'Did you mean "esplanade security ipsec policy show"?'],
    ['polcy show', 2, 'Did you mean "esplanade security ipsec policy show"?'],
    [`policy show ${'a'.repeat(5_000)}`, 2, 'Did you mean "esplanade security ipsec policy show"?'],
    ['SECURITY IPSEC POLICY SHOW', 2, 'Did you mean "esplanade security ipsec policy show"?'],
    ['securty ipsce polcy shwo nfs -action x', 2, 'Did you mean "esplanade security ipsec policy show nfs"?'],
    ['vserver show --hlep', 2, 'Did you mean -help?'],
    ['--hlep', 2, 'Did you mean -help?'],
    ['security ipsec policy show -?', 0, ''],
    ['status -?', 0, ''],
    ['-?', 0, ''],
    ['security ipsec policy show -fields actoin', 2, 'Did you mean "action"?'],
    [
      'security login rest-role create -role r1 -api /api/cluster -access readonl',
      2,
      'Did you mean "readonly"?',
    ],
    ['security certificate create -common-name x -type srver', 2, 'Did you mean "server"?'],
    ['network interface rename -vserver svm1 -lif caost -newname b', 3, 'Did you mean "coast"?'],
    ['network interface delete -vserver svm1 -lif caost', 3, 'Did you mean "coast"?'],
    [
      'network interface create -vserver svm11 -lif l2 -address 192.0.2.3',
      3,
      'Did you mean "svm1"? (ONTAP error',
    ],
    [
      'network interface create -ipspace Defualt -lif l2 -address 192.0.2.3',
      6,
      'Did you mean "Default"? (ONTAP error',
    ],
    [
      'security ipsec ca-certificate add -vserver svm1 -ca-certs coats',
      6,
      'Did you mean "coast"? (ONTAP error',
    ],
    [
      'security login create -user-or-group-name vic -application http -authentication-method password -role readonlyy -password-file -',
      6,
      'Did you mean "readonly"? (ONTAP error',
    ],
  ])('%s', async (line, status, sentence) => {
    const result = await cluster.run(line.split(' '), { input: 'a password of 23 letters\n' });
    expect(result).toMatchObject({ status, notes: expect.stringContaining(sentence) });
  });

  it.each([
    [[long]],
    [['security', 'ipsec', 'policy', 'show', `-${long}`, 'x']],
    [['security', 'ipsec', 'policy', 'show', '-fields', long]],
    [['security', 'ipsec', 'policy', 'show', '-order-by', long]],
    [['security', 'ipsec', 'policy', 'show', '-action', long]],
    [['security', 'ipsec', 'policy', 'show', '-is-enabled', long]],
    [['security', 'ipsec', 'policy', 'show', 'one', 'two', long]],
  ])('without the whole of a word that fills the screen', async (line) => {
    const { status, notes } = await cluster.run(line);
    expect(status).toBe(2);
    expect(notes).toContain('xxxx…');
    expect(notes.length).toBeLessThan(1000);
  });

  it('by the name of the parameter, once', async () => {
    await cluster.run(['security', 'ipsec', 'config', 'modify', '-is-enabled', 'true']);
    const line = 'security ipsec config modify -is-offload-enabled true';
    expect((await cluster.run(line.split(' '))).notes).toMatch(
      /^esplanade: -is-offload-enabled cannot be changed/,
    );
  });

  it('and not where a name is to be new', async () => {
    const { notes } = await cluster.run(['vserver', 'create', '-vserver', 'svm1*']);
    expect(notes).toContain('-vserver: The value "svm1*" is invalid');
    expect(notes).not.toContain('Did you mean');
  });
});
