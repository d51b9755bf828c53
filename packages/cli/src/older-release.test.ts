import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from './testing/test-cluster.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster('--ontap-version', '9.10.1');
});
afterAll(() => cluster.close());

it.each([
  ['security ipsec config modify -is-offload-enabled true', '"is-offload-enabled"', '262179'],
  ['security ipsec show-ipsecsa -fields inbound-offload-bytes', '"inbound-offload-bytes"', '262197'],
])('what a release of the server does not have is named as it was typed: %s', async (line, name, code) => {
  const { status, notes } = await cluster.run(line.split(' '));
  expect(status).toBe(6);
  expect(notes).toContain(name);
  expect(notes).toContain(`. This release of the server does not have it. (ONTAP error ${code})`);
});

it('what is refused for another reason is not said to be of another release', async () => {
  const { notes } = await cluster.run('vserver create -vserver svm1*'.split(' '));
  expect(notes).toContain('(ONTAP error ');
  expect(notes).not.toContain('This release');
});
