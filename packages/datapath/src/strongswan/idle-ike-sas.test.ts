import { Message } from '@esplanade/vici';
import { expect, it } from 'vitest';
import { idleIkeSas } from './idle-ike-sas.ts';

interface Values {
  readonly [name: string]: string | readonly string[] | Values;
}

const ours = 'esplanade-0123456789ab';
const idle = { uniqueid: '7', state: 'ESTABLISHED', established: '60', 'child-sas': {} };
const child = { name: 'a child', state: 'DELETING' };
const idsOf = (sa: Values, connection = ours) =>
  idleIkeSas([Message.from({ [connection]: { ...idle, ...sa } })], 60);

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
