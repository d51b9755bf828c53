import { Message, type ViciEvent } from '@esplanade/vici';
import { beforeEach, describe, expect, it } from 'vitest';
import { Terminations } from './terminations.ts';

const child = 'd0000000-0000-4000-8000-000000000001-0123456789ab';
const connection = 'esplanade-0123456789ab';

function down(name = child, up = 'no'): ViciEvent {
  const sa = { uniqueid: '8', name };
  const section = { uniqueid: '7', 'child-sas': { [`${name}-8`]: sa } };
  return { kind: 'event', name: 'child-updown', message: Message.from({ up, [connection]: section }) };
}

describe('an SA that ends', () => {
  let nowMs: number;
  let terminations: Terminations;
  beforeEach(() => {
    nowMs = 0;
    terminations = new Terminations(() => nowMs);
  });

  it.each([
    `vici terminate IKE_SA '${connection}'`,
    'vici terminate IKE_SA #7',
    `vici terminate CHILD_SA '${child}'`,
    'vici terminate CHILD_SA #8',
    `vici terminate CHILD_SA '${child}' of IKE_SA 'another'`,
    `vici terminate CHILD_SA #9 of IKE_SA '${connection}'`,
    'vici terminate CHILD_SA #9 of IKE_SA #7',
    `vici terminate CHILD_SA '${child}' #9`,
    "vici terminate IKE_SA 'another' #7",
  ])('was ended by somebody else after "%s"', (line) => {
    terminations.read(line);
    expect(terminations.ended(down())).toEqual([{ connectionName: connection, childName: child }]);
  });

  it.each(['vici terminate IKE_SA #8', "vici terminate IKE_SA 'another'", 'received DELETE for IKE_SA x[7]'])(
    'was not ended by hand after "%s"',
    (line) => {
      terminations.read(line);
      expect(terminations.ended(down())).toEqual([]);
    },
  );

  it('was ended by us when we have just sent the command', () => {
    terminations.expect({ ike: connection, timeout: '-1' });
    terminations.expect({ 'child-id': '8' });
    terminations.read(`vici terminate IKE_SA '${connection}'`);
    terminations.read('vici terminate CHILD_SA #8');
    expect(terminations.ended(down())).toEqual([]);
    terminations.read('vici terminate CHILD_SA #8');
    expect(terminations.ended(down())).toHaveLength(1);
  });

  it('was ended by us when charon says all that the command said in one line', () => {
    terminations.expect({ ike: connection, child });
    terminations.read(`vici terminate CHILD_SA '${child}' of IKE_SA '${connection}'`);
    expect(terminations.ended(down())).toEqual([]);
  });

  it('was ended by somebody else although charon says so only afterwards', () => {
    expect(terminations.ended(down())).toEqual([]);
    nowMs = 1_900;
    const ended = [{ connectionName: connection, childName: child }];
    expect(terminations.read(`vici terminate IKE_SA '${connection}'`)).toEqual(ended);
    expect(terminations.read(`vici terminate IKE_SA '${connection}'`)).toEqual([]);
  });

  it('is not laid to what is said of others, by us, or too late', () => {
    terminations.ended(down());
    expect(terminations.read('vici terminate IKE_SA #8')).toEqual([]);
    terminations.expect({ 'ike-id': '7' });
    expect(terminations.read('vici terminate IKE_SA #7')).toEqual([]);
    expect(terminations.read('vici terminate IKE_SA #7')).toEqual([]);
    terminations.ended(down());
    nowMs = 2_001;
    expect(terminations.read('vici terminate CHILD_SA #8')).toEqual([]);
  });

  it('is not laid to a command of long ago, nor a command of long ago to us', () => {
    terminations.expect({ 'ike-id': '7' });
    nowMs = 31_000;
    terminations.read('vici terminate IKE_SA #7');
    expect(terminations.ended(down())).toHaveLength(1);
    nowMs = 62_000;
    expect(terminations.ended(down())).toEqual([]);
  });

  it('is not laid to a command that was given before it came up', () => {
    terminations.read(`vici terminate IKE_SA '${connection}'`);
    terminations.ended(down(child, 'yes'));
    expect(terminations.ended(down())).toEqual([]);
    terminations.read(`vici terminate IKE_SA '${connection}'`);
    expect(terminations.ended(down())).toHaveLength(1);
  });

  it('is none of our business when it is not ours, and nothing has ended when one comes up', () => {
    terminations.read('vici terminate IKE_SA #7');
    expect(terminations.ended(down('theirs'))).toEqual([]);
    expect(terminations.ended(down(child, 'yes'))).toEqual([]);
  });
});
