import { notCurrent } from '../output/not-current.ts';
import type { ApiRecord } from '../output/output.ts';
import { durationText, timeText } from '../output/quantities.ts';
import { member } from '../output/value-text.ts';
import { inWordsOfCommands } from '../words-of-commands.ts';
import type { Attention } from './attention.ts';
import { type Learnt, learntOf } from './learnt.ts';
import { policyTrouble } from './policy-trouble.ts';
import { ageText, because, isTime, owned, textOf } from './record-text.ts';
import { isRecord, type Source, type Sources } from './sources.ts';

/** How things are: what programs get as it stands, and people laid out. What could not be learnt is not there. */
export interface Report {
  readonly url: string;
  readonly cluster?: string;
  readonly version?: string;
  readonly ready?: boolean;
  readonly ipsec?: { readonly enabled: boolean; readonly replay_window?: number };
  readonly datapaths?: readonly ApiRecord[];
  readonly policies?: Readonly<Record<string, number>>;
  readonly security_associations?: Readonly<Record<string, number>>;
  readonly attention: readonly Attention[];
  /** Parts that this account may not read or this server does not have, so nothing is said of them. */
  readonly unknown: readonly string[];
}

/** How an unknown part ends that is there, for others. */
export const notAllowed = 'this account may not read it';

/** What the answers come to, at an instant. */
export function reportOf(sources: Sources, nowMs: number): Report {
  const { url } = sources;
  const learnt = learntOf(sources);
  const cluster = known(sources.cluster);
  const health = known(sources.health);
  const ipsec = known(sources.ipsec);
  const datapaths = known(sources.datapaths);
  const enabled = known(sources.enabled);
  const policies =
    known(sources.states) ??
    (enabled &&
      new Map([
        ['enabled', enabled.get('true') ?? 0],
        ['disabled', enabled.get('false') ?? 0],
      ]));
  const sas = known(sources.sas);
  const isEnabled = ipsec?.['enabled'] === true;
  const name = cluster && textOf(cluster, 'name');
  const version = cluster && textOf(cluster, 'version.full');
  const replayWindow = Number(ipsec?.['replay_window']);
  return {
    url,
    ...(name !== undefined && { cluster: name }),
    ...(version !== undefined && { version }),
    ...(learnt === 'learnt' && typeof health?.['ready'] === 'boolean' && { ready: health['ready'] }),
    ...(ipsec && {
      ipsec: {
        enabled: isEnabled,
        ...(Number.isInteger(replayWindow) && { replay_window: replayWindow }),
      },
    }),
    ...(datapaths && { datapaths: datapaths.records.map(({ _links, ...record }) => record) }),
    ...(policies && { policies: Object.fromEntries(policies) }),
    ...(sas && { security_associations: Object.fromEntries(sas) }),
    attention: told([
      ...nothingLearnt(learnt),
      ...(ipsec && !isEnabled ? [ipsecDisabled] : []),
      ...healthTrouble(health),
      ...(datapaths?.records ?? []).flatMap((record) => datapathTrouble(record, nowMs)),
      ...policyTrouble(known(sources.troubled), isEnabled, nowMs),
      ...staleSas(sources),
      ...expiry(sources, nowMs),
      ...failures(sources),
    ]),
    unknown: unknownParts(sources),
  };
}

/** Errors first, and what the API says in the words of who types commands. */
function told(attention: readonly Attention[]): readonly Attention[] {
  return (['error', 'warning'] as const).flatMap((severity) =>
    attention
      .filter((one) => one.severity === severity)
      .map((one) => ({ ...one, sentence: inWordsOfCommands(one.sentence, []) })),
  );
}

const ipsecDisabled: Attention = {
  severity: 'warning',
  subject: 'IPsec',
  sentence:
    'IPsec is disabled, so no policy is in force. "security ipsec config modify -is-enabled true" enables it.',
};

/** That nothing is wrong with what is not known is nothing to be glad of. */
function nothingLearnt(learnt: Learnt): readonly Attention[] {
  if (learnt !== 'hidden' && learnt !== 'absent') return [];
  const sentence =
    learnt === 'hidden' ? 'This account may read nothing of it.' : 'This server tells nothing of it.';
  return [{ severity: 'error', subject: 'IPsec', sentence }];
}

function known<T>(source: Source<T>): T | undefined {
  return source.kind === 'known' ? source.value : undefined;
}

/** Of store and writes; what is wrong with a datapath is told with the datapath. */
function healthTrouble(health: ApiRecord | undefined): readonly Attention[] {
  return ['store', 'writes'].flatMap((part) => {
    const told = health?.[part];
    if (!isRecord(told) || told['ready'] !== false) return [];
    return [{ severity: 'error', subject: part, sentence: textOf(told, 'reason') ?? 'It is not ready.' }];
  });
}

function datapathTrouble(record: ApiRecord, nowMs: number): readonly Attention[] {
  const ipspace = textOf(record, 'ipspace.name');
  const subject = ipspace === undefined ? 'datapath' : `datapath of ${ipspace}`;
  const found: Attention[] = [];
  if (record['ready'] === false) {
    found.push({
      severity: 'error',
      subject,
      sentence: notAnswering(record, nowMs),
    });
  }
  if (record['kind'] === 'simulated') {
    found.push({
      severity: 'warning',
      subject,
      sentence: 'It is simulated: no packet is encrypted or blocked.',
    });
  }
  if (record['guard'] === 'absent') {
    found.push({
      severity: 'warning',
      subject,
      sentence: 'There is no guard: while charon is stopped in order, protected traffic may go in clear.',
    });
  }
  const missing = Number(member(record, 'kernel.missing') ?? 0);
  if (missing > 0) {
    found.push({
      severity: 'error',
      subject,
      sentence: `The kernel lacked ${missing} policies and SAs when it was last looked at. They are put back.`,
    });
  }
  return found;
}

function notAnswering({ since, reason }: ApiRecord, nowMs: number): string {
  const what = isTime(since) ? `It has not answered for ${ageText(since, nowMs)}` : 'It does not answer';
  return because(what, reason);
}

function staleSas({ lastKnown }: Sources): readonly Attention[] {
  const told = known(lastKnown);
  if (told === undefined) return [];
  return [{ severity: 'warning', subject: 'SAs', sentence: notCurrent(told.why, told.observedAt) }];
}

function expiry({ expiring }: Sources, nowMs: number): readonly Attention[] {
  const some = known(expiring);
  if (some === undefined) return [];
  const found: Attention[] = some.records.map((record) => {
    const subject = `certificate ${owned(record)}`;
    const at = record['expiry_time'];
    if (!isTime(at)) return { severity: 'warning', subject, sentence: 'It expires soon.' };
    const leftSeconds = (Date.parse(at) - nowMs) / 1000;
    return leftSeconds <= 0
      ? { severity: 'error', subject, sentence: `It expired ${durationText(-leftSeconds)} ago.` }
      : {
          severity: 'warning',
          subject,
          sentence: `It expires in ${durationText(leftSeconds)}, on ${timeText(at)}.`,
        };
  });
  const untold = some.count - some.records.length;
  if (untold > 0) {
    found.push({ severity: 'warning', subject: 'certificates', sentence: `${untold} more expire soon.` });
  }
  return found;
}

const partNames = {
  cluster: 'cluster',
  ipsec: 'IPsec configuration',
  datapaths: 'datapath',
  states: 'states of policies',
  sas: 'SAs',
  expiring: 'certificates',
} as const;

function failures(sources: Sources): readonly Attention[] {
  // A server without readiness keeps nothing of IPsec to itself, so it is none of the parts.
  const asked = [['health', 'readiness'] as const, ...parts()];
  return asked.flatMap(([part, name]) => {
    const source = sources[part];
    return source.kind === 'failed' ? [{ severity: 'error', subject: name, sentence: source.sentence }] : [];
  });
}

function unknownParts(sources: Sources): readonly string[] {
  return parts().flatMap(([part, name]) => {
    const { kind } = sources[part];
    if (kind === 'hidden') return [`${name}: ${notAllowed}`];
    return kind === 'absent' ? [`${name}: this server does not tell`] : [];
  });
}

function parts() {
  return (Object.keys(partNames) as (keyof typeof partNames)[]).map(
    (part) => [part, partNames[part]] as const,
  );
}
