import { connect, type Transport } from '@esplanade/sdk';
import { describe, expect, it } from 'vitest';
import { takeSample } from './sample.ts';

const path = '/api/security/ipsec/security-associations';

/** A server that has looked again before it gave the second of two pages. */
function serverOfTwoPages() {
  const asked: URL[] = [];
  const page = (name: string, observedAt: string, next?: string) => ({
    records: [{ uuid: `uuid-of-${name}`, policy_name: name, ipsec: { inbound: { bytes: 5, packets: 1 } } }],
    num_records: 1,
    observed_at: observedAt,
    ...(next !== undefined && { _links: { next: { href: next } } }),
  });
  const transport: Transport = async ({ url }) => {
    asked.push(url);
    const body = url.searchParams.has('start')
      ? page('smb', '2026-11-22T03:00:02Z')
      : page('nfs', '2026-11-22T03:00:00Z', `${path}${url.search}&start=nfs`);
    return { status: 200, header: () => undefined, text: JSON.stringify(body) };
  };
  return { api: connect({ url: 'https://cluster1', transport }), asked };
}

describe('a look', () => {
  it('asks for the counters of the SAs that are wanted, and for no layout', async () => {
    const { api, asked } = serverOfTwoPages();
    await takeSample(api, [['policy_name', 'n*']], new AbortController().signal);
    const { fields, ...parameters } = Object.fromEntries(asked[0]?.searchParams ?? []);
    expect(parameters).toEqual({
      ...{ type: 'ipsec', policy_name: 'n*' },
      ...{ pretty: 'false', max_records: '10000' },
    });
    expect(fields).not.toContain('*');
    expect(asked[1]?.searchParams.get('pretty')).toBe('false');
  });

  it('is as old as its oldest page, and each SA as old as its own', async () => {
    const { api } = serverOfTwoPages();
    const { sas, observedAtMs } = await takeSample(api, [], new AbortController().signal);
    expect(observedAtMs).toBe(Date.parse('2026-11-22T03:00:00Z'));
    expect(sas.map(({ policyName, atMs }) => [policyName, new Date(atMs).getUTCSeconds()])).toEqual([
      ['nfs', 0],
      ['smb', 2],
    ]);
  });
});
