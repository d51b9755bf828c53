import { entryFingerprint } from '@esplanade/datapath';
import { type SpdEntry, selectorKey } from '@esplanade/domain';
import { expect, test } from 'vitest';
import { type ObservedEntry, type Operation, plan } from './plan.ts';
import { entry, selector, uuid } from './policy.fixture.ts';

const settings = { replayWindow: 0 };
const rowOf = (one: SpdEntry): ObservedEntry => ({
  policyUuid: one.policy.uuid,
  fingerprint: entryFingerprint(one, settings),
  selectorKey: selectorKey(one.policy.selector),
});
const install = (one: SpdEntry): Operation => ({ kind: 'install', entry: one });
const remove = (n: number): Operation => ({ kind: 'remove', policyUuid: uuid(n) });

const wide = entry(1, { selector: selector(0, '10.9.0.0/16') });
const narrow = entry(2, { selector: selector(0, '10.9.0.0/24') });
const host = entry(3, { selector: selector(80) });
const otherForm = { policyUuid: uuid(3), fingerprint: 'other' };

test.each<[string, Partial<Parameters<typeof plan>[0]>, readonly Operation[]]>([
  ['nothing for nothing', {}, []],
  ['nothing for what is installed as desired', { desired: [host], observed: [rowOf(host)] }, []],
  ['an install for what is missing', { desired: [host] }, [install(host)]],
  ['an install for another form', { desired: [host], observed: [otherForm] }, [install(host)]],
  [
    'an install where an older form is left beside the desired one',
    { desired: [host], observed: [rowOf(host), otherForm] },
    [install(host)],
  ],
  [
    'installs from the narrowest to the widest',
    { desired: [wide, host, narrow] },
    [install(host), install(narrow), install(wide)],
  ],
  ['a removal for what is beyond a complete list', { observed: [rowOf(host)] }, [remove(3)]],
  ['one removal for several forms', { observed: [rowOf(host), otherForm] }, [remove(3)]],
  [
    'no removal of policies that the list does not speak for',
    { observed: [rowOf(host), rowOf(wide)], scope: new Set([uuid(1)]) },
    [remove(1)],
  ],
  ['installs before removals', { desired: [wide], observed: [rowOf(host)] }, [install(wide), remove(3)]],
  [
    'a new setting for every entry that it shapes',
    { desired: [host], observed: [rowOf(host)], settings: { replayWindow: 64 } },
    [install(host)],
  ],
])('plans %s', (_what, input, operations) => {
  expect(plan({ desired: [], observed: [], settings, scope: 'everything', ...input })).toEqual(operations);
});

test('the newer of two policies with one selector comes in before the older goes', () => {
  const heir = entry(9, { selector: host.policy.selector });
  expect(plan({ desired: [heir], observed: [rowOf(host)], settings, scope: 'everything' })).toEqual([
    install(heir),
    remove(3),
  ]);
});

test('an heir comes in before the older policy moves to a narrower selector', () => {
  const moved = entry(1, { selector: selector(443) });
  const heir = entry(9, { selector: wide.policy.selector });
  expect(plan({ desired: [moved, heir], observed: [rowOf(wide)], settings, scope: 'everything' })).toEqual([
    install(heir),
    install(moved),
  ]);
});

test('an heir that moves itself waits for its own heir, whatever their widths', () => {
  const moved = entry(1, { selector: selector(443) });
  const first = entry(2, { selector: wide.policy.selector });
  const second = entry(9, { selector: narrow.policy.selector });
  expect(
    plan({
      desired: [moved, second, first],
      observed: [rowOf(wide), rowOf(narrow)],
      settings,
      scope: 'everything',
    }),
  ).toEqual([install(second), install(first), install(moved)]);
});

test('policies that exchange their selectors are both installed', () => {
  const one = entry(1, { selector: narrow.policy.selector });
  const two = entry(2, { selector: wide.policy.selector });
  const operations = plan({
    desired: [one, two],
    observed: [rowOf(wide), rowOf(narrow)],
    settings,
    scope: 'everything',
  });
  expect(new Set(operations)).toEqual(new Set([install(one), install(two)]));
});
