import { describe, expect, it } from 'vitest';
import { chooseDatapath, recordedDatapath, type Surroundings } from './datapath-choice.ts';

const charon = { kind: 'answers', version: '5.9.8' } as const;
const kernelEsp = { kind: 'yes', evidence: 'it took an SA' } as const;
const socketPath = '/run/x.sock';
const good: Surroundings = { socketPath, charon, kernelEsp };

describe('the datapath of an empty data directory', () => {
  it('is strongSwan when charon answers and the kernel has ESP', async () => {
    expect(await chooseDatapath('auto', async () => good)).toEqual({
      kind: 'strongswan',
      chosen: 'charon 5.9.8 answers at /run/x.sock and the kernel has ESP (it took an SA)',
    });
  });

  it.each([
    [{ charon: { kind: 'silent', reason: 'no daemon at /run/x.sock' } }, 'no daemon at /run/x.sock'],
    [{ kernelEsp: { kind: 'no', evidence: 'refused' } }, 'this kernel has no ESP (refused)'],
    [
      { kernelEsp: { kind: 'unknown', evidence: 'hidden' } },
      '--datapath strongswan takes your word for it (hidden)',
    ],
  ] as const)('is the simulator with %j, and says why', async (over, why) => {
    const choice = await chooseDatapath('auto', async () => ({ ...good, ...over }));
    expect(choice).toMatchObject({ kind: 'simulated', chosen: expect.stringContaining(why) });
  });

  it('is what was asked for, without looking', async () => {
    const look = () => Promise.reject(new Error('looked'));
    expect(await chooseDatapath('strongswan', look)).toMatchObject({ kind: 'strongswan' });
    expect(await chooseDatapath('simulated', look)).toMatchObject({ kind: 'simulated' });
  });
});

describe('the datapath of a data directory that has one', () => {
  it('stays, whatever is around', () => {
    expect(recordedDatapath('strongswan', 'auto', '/d')).toMatchObject({ kind: 'strongswan' });
    expect(recordedDatapath('simulated', 'simulated', '/d')).toMatchObject({ kind: 'simulated' });
  });

  it('is not changed by asking for another', () => {
    expect(() => recordedDatapath('strongswan', 'simulated', '/d')).toThrow(
      'was born on the strongswan datapath',
    );
  });
});
