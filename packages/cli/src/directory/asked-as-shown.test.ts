import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../testing/test-cluster.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
  for (const [name, lifetime] of [
    ['short', '3600'],
    ['long', '28830'],
  ])
    await cluster.run(
      `security ipsec policy create svm1 ${name} -action BYPASS -local-ip-subnets 192.0.2.${lifetime?.length}/32 -remote-ip-subnets 198.51.100.1/32 -ike-lifetime ${lifetime}`.split(
        ' ',
      ),
    );
});
afterAll(() => cluster.close());

/** What a command prints for one field of each record. */
async function shown(line: string, field: string, ...query: readonly string[]): Promise<readonly string[]> {
  const { status, output, notes } = await cluster.run([...line.split(' '), '-instance', ...query]);
  expect(status, notes).toBe(0);
  return Array.from(output.matchAll(/^ *(.+?): (.*)$/gm)).flatMap(([, label, text = '']) =>
    label === field ? [text] : [],
  );
}

it('a duration is asked for as it is shown', async () => {
  const show = (...query: readonly string[]) =>
    shown('security ipsec policy show -fields ike-lifetime', 'IKE Security Association Lifetime', ...query);
  expect(await show()).toEqual(['8 h', '1 h']);
  for (const text of ['1 h', '8 h']) expect(await show('-ike-lifetime', text)).toEqual([text]);
  expect(await show('-ike-lifetime', '>1 h')).toEqual(['8 h']);
  expect(await show('-ike-lifetime', '>8 h')).toEqual([]);
});

it('a time is asked for as it is shown', async () => {
  const show = (...query: readonly string[]) =>
    shown('security audit log show -fields timestamp', 'Log Entry Timestamp', ...query);
  const [first = '', ...others] = await show();
  const later = others.filter((text) => text !== first);
  expect(await show('-timestamp', first)).toEqual([first, ...others.slice(0, others.length - later.length)]);
  expect(await show('-timestamp', `>${first}`)).toEqual(later);
});

it.each(['1 fortnight', '>1 fortnight'])('what is no duration has one status: %s', async (text) => {
  expect(await cluster.run(['security', 'ipsec', 'policy', 'show', '-ike-lifetime', text])).toMatchObject({
    status: 2,
    notes: 'esplanade: -ike-lifetime is a whole number, or a duration such as 1 h 12 m, not "1 fortnight".\n',
  });
});
