import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../testing/test-cluster.ts';

let cluster: TestCluster;
const run = async (line: string) => {
  const result = await cluster.run(line.split(' '));
  expect(result).toMatchObject({ status: 0 });
  return result.output;
};
const policy = (name: string, remote: string, more = '') =>
  run(
    `security ipsec policy create svm1 ${name} -local-ip-subnets 192.0.2.1/32 -remote-ip-subnets ${remote} -action DISCARD ${more}`.trim(),
  );
beforeAll(async () => {
  cluster = await startTestCluster();
  await run('security ipsec config modify -is-enabled true');
  await policy('off', '192.0.2.2/32', '-is-enabled false');
  await policy('elsewhere-off', '192.0.2.3/32', '-is-enabled false');
  await policy('elsewhere', '192.0.2.4/32');
  await policy('lan', '192.0.2.0/24');
  await policy('lan-again', '192.0.2.0/24');
  await policy('wide', '192.0.0.0/16');
});
afterAll(() => cluster.close());

describe('security ipsec decision show', () => {
  const show = 'security ipsec decision show 192.0.2.1 192.0.2.2 udp -local-port 4 -remote-port 5 --csv';
  const shown = async (more: string) =>
    (await run(`${show} -fields outcome,policy-name${more}`)).trimEnd().split('\n').slice(1);

  it('begins with what decides, and has nothing that is not for the packet', async () => {
    expect(await shown('')).toEqual([
      'decides,lan',
      'disabled,off',
      'outranked,wide',
      'outranked,',
      'shadowed,lan-again',
    ]);
  });

  it('is in the order that is asked for', async () => {
    const byPosition = ['disabled,off', 'decides,lan', 'shadowed,lan-again', 'outranked,wide', 'outranked,'];
    expect(await shown(' -order-by position')).toEqual(byPosition);
  });

  it('has what is asked for', async () => {
    expect(await shown(' -policy-name elsewhere')).toEqual(['no_match,elsewhere']);
    expect(await shown(' -outcome disabled')).toEqual(['disabled,off', 'disabled,elsewhere-off']);
    expect(await shown(' -mismatch remote_address -entry policy')).toEqual([
      'disabled,elsewhere-off',
      'no_match,elsewhere',
    ]);
  });
});
