import type { ApiRecord } from '../output/output.ts';
import { countText } from '../output/quantities.ts';
import type { Attention } from './attention.ts';
import { ageText, because, isTime, owned, textOf } from './record-text.ts';
import type { Some } from './sources.ts';

/** One thing that is wrong with one policy. */
interface Trouble {
  readonly severity: Attention['severity'];
  readonly policy: string;
  /** Of a policy that is not in force. */
  readonly state?: string;
  readonly since?: string;
  readonly reason?: string;
}

/** What is wrong with policies: those of which the same is wrong are told of together. */
export function policyTrouble(
  troubled: Some | undefined,
  isEnabled: boolean,
  nowMs: number,
): readonly Attention[] {
  if (troubled === undefined) return [];
  const alike = Map.groupBy(
    troubled.records.flatMap((record) => troublesOf(record, isEnabled)),
    ({ severity, state, reason }) => JSON.stringify([severity, state, reason]),
  );
  const found = [...alike.values()].flatMap((troubles) => attentionFor(troubles, nowMs));
  const untold = troubled.count - troubled.records.length;
  if (untold > 0 && found.length > 0) {
    found.push({
      severity: found.some(({ severity }) => severity === 'error') ? 'error' : 'warning',
      subject: 'policies',
      sentence: `There are ${countText(untold)} more: "security ipsec state show -fields state,last-failure,warnings".`,
    });
  }
  return found;
}

function troublesOf(record: ApiRecord, isEnabled: boolean): readonly Trouble[] {
  const policy = owned(record);
  const state = String(record['state']);
  const isDown = isEnabled && (state === 'pending' || state === 'failed' || state === 'shadowed');
  const [since, reason, failure] = [
    record['since'],
    textOf(record, 'reason'),
    textOf(record, 'last_failure'),
  ];
  const warnings = Array.isArray(record['warnings']) ? record['warnings'].map(String) : [];
  return [
    ...(isDown
      ? [
          {
            severity: state === 'shadowed' ? ('warning' as const) : ('error' as const),
            policy,
            state,
            ...(isTime(since) && { since }),
            ...(reason !== undefined && { reason }),
          },
        ]
      : []),
    ...(failure === undefined ? [] : [{ severity: 'error' as const, policy, reason: `Not up: ${failure}` }]),
    ...warnings.map((warning) => ({ severity: 'warning' as const, policy, reason: warning })),
  ];
}

/** The same trouble of one policy or several. */
function attentionFor(troubles: readonly Trouble[], nowMs: number): readonly Attention[] {
  const [first] = troubles;
  if (first === undefined) return [];
  const { severity, state, reason = '' } = first;
  const names = troubles.map(({ policy }) => policy);
  const since = troubles.flatMap((trouble) => trouble.since ?? []);
  const ages = since
    .sort((one, other) => Date.parse(one) - Date.parse(other))
    .map((at) => ageText(at, nowMs));
  const isOne = troubles.length === 1;
  return [
    {
      severity,
      ...(isOne ? { subject: `policy ${names[0]}` } : { subject: 'policies', names }),
      sentence: state === undefined ? reason : because(notInForce(state, ages, isOne), first.reason),
    },
  ];
}

/** `ages` from the longest to the shortest. */
function notInForce(state: string, ages: readonly string[], isOne: boolean): string {
  const [longest] = ages;
  if (longest === undefined) return isOne ? `It is ${state}` : `They are ${state}`;
  const age = new Set(ages).size === 1 ? longest : `up to ${longest}`;
  if (state === 'failed') return `${isOne ? 'It' : 'They'} failed ${age} ago`;
  return `${isOne ? 'It has' : 'They have'} been ${state} for ${age}`;
}
