import { Message, type MessageInput, type ViciEvent } from '@esplanade/vici';
import { expect, test } from 'vitest';
import { LiveSas } from './live-sas.ts';

const ike = (
  id: string,
  children: readonly string[] = [],
): { readonly [name: string]: MessageInput | string } => ({
  uniqueid: id,
  state: 'ESTABLISHED',
  'child-sas': Object.fromEntries(children.map((name) => [name, { name }])),
});

function event(name: string, up: boolean, connection: string, sa: MessageInput): ViciEvent {
  return { kind: 'event', name, message: Message.from({ ...(up && { up: 'yes' }), [connection]: sa }) };
}

/** `connection/id: children` of each IKE SA. */
function shown(sas: LiveSas): readonly string[] {
  return sas.rows().flatMap((row) =>
    row.sections().map(([connection, sa]) => {
      const children = sa.section('child-sas')?.sections() ?? [];
      return `${connection}/${sa.text('uniqueid')}: ${children.map(([name]) => name).join(' ')}`;
    }),
  );
}

function listed(...rows: readonly MessageInput[]): LiveSas {
  const sas = new LiveSas();
  sas.listed(rows.map(Message.from), sas.beginListing());
  return sas;
}

test('nothing is certain before the first listing', () => {
  expect(new LiveSas().isCertain).toBe(false);
  expect(listed().isCertain).toBe(true);
});

test('a CHILD SA that came or went is added to its IKE SA or taken from it, and nothing else changes', () => {
  const sas = listed({ nfs: ike('1', ['a-1', 'b-2']) }, { smb: ike('2', ['c-3']) });
  sas.heard(event('child-updown', true, 'nfs', ike('1', ['d-4'])));
  expect(shown(sas)).toEqual(['nfs/1: a-1 b-2 d-4', 'smb/2: c-3']);
  sas.heard(event('child-updown', false, 'nfs', ike('1', ['a-1'])));
  expect(shown(sas)).toEqual(['nfs/1: b-2 d-4', 'smb/2: c-3']);
  expect(sas.isCertain).toBe(true);
});

test('an IKE SA comes with its first CHILD SA, whichever is told of first, and takes all along when it goes', () => {
  for (const names of [
    ['ike-updown', 'child-updown'],
    ['child-updown', 'ike-updown'],
  ]) {
    const sas = listed({ smb: ike('2', ['c-3']) });
    for (const name of names)
      sas.heard(event(name, true, 'nfs', ike('1', name === 'child-updown' ? ['a-1'] : [])));
    expect(shown(sas)).toEqual(['smb/2: c-3', 'nfs/1: a-1']);
    sas.heard(event('ike-updown', false, 'nfs', ike('1')));
    sas.heard(event('child-updown', false, 'nfs', ike('1', ['a-1'])));
    expect(shown(sas)).toEqual(['smb/2: c-3']);
  }
});

test('what only a listing shows in full leaves nothing certain until the next one', () => {
  const sas = listed();
  for (const told of [
    event('child-rekey', false, 'nfs', ike('1')),
    { kind: 'overflow', dropped: 1 } as const,
  ]) {
    sas.heard(told);
    expect(sas.isCertain).toBe(false);
    sas.listed([], sas.beginListing());
    expect(sas.isCertain).toBe(true);
  }
});

test('a listing during which something was heard is not certain', () => {
  const sas = new LiveSas();
  const began = sas.beginListing();
  sas.heard(event('child-updown', true, 'nfs', ike('1', ['a-1'])));
  sas.listed([], began);
  expect(sas.isCertain).toBe(false);
});
