import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

describe('a new value', () => {
  const set = (parameter: string, value: string) =>
    cluster.run(['security', 'ipsec', 'policy', 'modify', 'svm1', 'long', parameter, value]);
  const show = async (field: string) => {
    const { output } = await cluster.run(
      `security ipsec policy show svm1 long -fields ${field} --json`.split(' '),
    );
    return output;
  };

  it.each([
    ['-ike-lifetime', '1 d', '"ike_lifetime": 86400'],
    ['-ike-lifetime', '8h', '"ike_lifetime": 28800'],
    ['-ike-lifetime', '8 h 30 m', '"ike_lifetime": 30600'],
    ['-ipsec-lifetime-bytes', '1.5 GB', '"ipsec_lifetime_bytes": 1500000000'],
    ['-ipsec-lifetime-bytes', '1,048,577', '"ipsec_lifetime_bytes": 1048577'],
  ])('%s is given as it is shown: %s', async (parameter, value, expected) => {
    expect(await set(parameter, value)).toMatchObject({ status: 0 });
    expect(await show(parameter.slice(1))).toContain(expected);
  });

  it.each([
    ['-ike-lifetime', '8 hours', 'a whole number, or a duration such as 1 h 12 m'],
    ['-ike-lifetime', '>8h', 'a whole number, or a duration such as 1 h 12 m'],
    ['-ipsec-lifetime-bytes', '18M', 'a whole number, or bytes such as 1.2 GB (B, kB, MB, GB, TB, PB, EB)'],
    ['-ipsec-lifetime-bytes', '9999999 PB', 'at most 9,007,199,254,740,991'],
  ])('%s is refused with the ways to write one: %s', async (parameter, value, wanted) => {
    expect(await set(parameter, value)).toMatchObject({
      status: 2,
      notes: `esplanade: ${parameter} is ${wanted}, not "${value}".\n`,
    });
  });
});
