import { Message } from '@esplanade/vici';
import { describe, expect, it } from 'vitest';
import { idleIkeSas } from './idle-ike-sas.ts';

interface Values {
  readonly [name: string]: string | readonly string[] | Values;
}

const ours = 'esplanade-0123456789ab';
const idle = { uniqueid: '7', state: 'ESTABLISHED', established: '60', 'child-sas': {} };
const child = { name: 'a child', state: 'DELETING' };
const idsOf = (sa: Values, connection = ours) =>
  idleIkeSas([Message.from({ [connection]: { ...idle, ...sa } })], 60).map(({ id }) => id);

it('an IKE SA of ours that has long carried nothing is idle', () => {
  expect(idsOf({})).toEqual(['7']);
});

it.each([
  ['has a CHILD SA, in whatever state', { 'child-sas': { one: child } }],
  ['is young', { established: '59' }],
  ['is not established', { state: 'CONNECTING' }],
  ['is about to begin something', { 'tasks-queued': ['CHILD_CREATE'] }],
  ['is doing something', { 'tasks-active': ['CHILD_CREATE'] }],
  ['is doing something for the remote', { 'tasks-passive': ['CHILD_CREATE'] }],
] as const)('one that %s is not', (_how, change) => {
  expect(idsOf(change)).toEqual([]);
});

it('one of somebody else is none of our business', () => {
  expect(idsOf({}, 'theirs')).toEqual([]);
});

describe('of two IKE SAs with one remote', () => {
  const remote = {
    'local-host': '10.0.0.1',
    'remote-host': '10.0.0.2',
    'remote-port': '500',
    'remote-id': 'b',
  };
  const unused = { 'packets-in': '0', 'packets-out': '0' };
  const carrying = {
    name: 'nfs',
    uniqueid: '3',
    state: 'INSTALLED',
    'install-time': '60',
    'packets-in': '9',
    'use-in': '60',
    'packets-out': '9',
    'use-out': '60',
    'local-ts': ['10.0.0.1/32[tcp/2049]'],
    'remote-ts': ['10.0.0.2/32[tcp]'],
  };
  const { 'use-in': _when, ...untold } = carrying;
  const older: Values = { ...idle, ...remote, 'child-sas': { one: carrying } };
  const newer: Values = {
    ...older,
    uniqueid: '8',
    established: '1',
    'child-sas': { one: { ...carrying, uniqueid: '4', 'install-time': '1', 'use-in': '0', 'use-out': '0' } },
  };
  const withChild = (sa: Values, change: Values, more: Values = {}): Values => {
    const children = sa['child-sas'] as { readonly one: Values };
    return { ...sa, 'child-sas': { one: { ...children.one, ...change }, ...more } };
  };
  const found = (...sas: readonly Values[]) =>
    idleIkeSas(
      sas.map((sa) => Message.from({ [ours]: sa })),
      60,
    );

  it('the older is idle when nothing has gone over it for long', () => {
    expect(found(older, newer)).toEqual([{ id: '7', successors: ['8'] }]);
    expect(found(newer, older)).toEqual([{ id: '7', successors: ['8'] }]);
  });

  it('the older is idle when nothing ever went over it, and the newer never is', () => {
    const unusedOlder = withChild(older, unused);
    const unusedNewer = { ...withChild(newer, { ...unused, 'install-time': '60' }), established: '60' };
    expect(found(unusedOlder, unusedNewer)).toEqual([{ id: '7', successors: ['8'] }]);
  });

  it.each<[string, Values, Values]>([
    ['the remote still sends on it', withChild(older, { 'use-in': '59' }), newer],
    ['we still send on it', withChild(older, { 'use-out': '59' }), newer],
    ['it carried packets nobody knows when', { ...older, 'child-sas': { one: untold } }, newer],
    ['its CHILD SA is young', withChild(older, { 'install-time': '59' }), newer],
    ['its CHILD SA was rekeyed after the other came', withChild(older, { uniqueid: '5' }), newer],
    ['its CHILD SA is not in force alone', withChild(older, { state: 'REKEYED' }), newer],
    ['the newer CHILD SA is not in force', older, withChild(newer, { state: 'DELETING' })],
    ['the newer is on its way down', older, { ...newer, state: 'DELETING' }],
    ['the newer is for other traffic', older, withChild(newer, { 'local-ts': ['10.0.0.1/32[tcp/22]'] })],
    ['the newer is of another child', older, withChild(newer, { name: 'smb' })],
    ['the newer is with another host', older, { ...newer, 'remote-host': '10.0.0.3' }],
    ['the newer is with another host behind the address', older, { ...newer, 'remote-port': '4501' }],
    ['the newer is with another identity', older, { ...newer, 'remote-id': 'c' }],
    [
      'one of its CHILD SAs is the only one',
      withChild(older, {}, { two: { ...carrying, name: 'smb' } }),
      newer,
    ],
    ['it has something to do', { ...older, 'tasks-active': ['CHILD_REKEY'] }, newer],
  ])('neither is when %s', (_why, one, other) => {
    expect(found(one, other)).toEqual([]);
  });
});
