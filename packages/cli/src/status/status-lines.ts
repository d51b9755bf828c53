import { paint } from '../output/colour.ts';
import { instanceLines } from '../output/instance.ts';
import type { ApiRecord } from '../output/output.ts';
import { printable } from '../output/printable.ts';
import { countText } from '../output/quantities.ts';
import { widthFor, wrappedAtSpaces } from '../output/text-width.ts';
import { member } from '../output/value-text.ts';
import type { Terminal } from '../terminal.ts';
import type { Attention } from './attention.ts';
import { notAllowed, type Report } from './report.ts';

/** A report as people read it: the facts, then what needs attention. */
export async function statusLines(
  report: Report,
  terminal: Pick<Terminal, 'lineLimit' | 'hasColour'>,
): Promise<readonly string[]> {
  const facts = factsOf(report).map(([label, values]) => [label, values.map(printable)] as const);
  const { attention, unknown } = report;
  const told = attention.map((one) => ({
    severity: one.severity,
    text: printable(`${capital(subjectOf(one))}: ${one.sentence}`),
  }));
  const measure = await widthFor([...facts.flatMap(([, values]) => values), ...told.map(({ text }) => text)]);
  const limit = terminal.lineLimit;
  const labels = facts.map(([label]) => label);
  const lines = [
    ...instanceLines(
      labels,
      facts.map(([, values]) => values),
      limit,
      measure,
    ),
    '',
  ];
  for (const part of unknown) lines.push(...hanging(`Unknown: ${printable(part)}.`));
  if (attention.length === 0) {
    lines.push(paint(allIsWell(unknown), unknown.length === 0 ? 'good' : 'heading', terminal));
    return lines;
  }
  lines.push(
    paint(
      attention.length === 1 ? 'One thing needs attention.' : `${attention.length} things need attention.`,
      'heading',
      terminal,
    ),
  );
  for (const { severity, text } of told) {
    const [mark, tone] =
      severity === 'error' ? (['ERROR  ', 'bad'] as const) : (['WARNING', 'attention'] as const);
    const [first = '', ...rest] = wrappedAtSpaces(text, Math.max(20, limit - 8), measure);
    lines.push(`${paint(mark, tone, terminal)} ${first}`, ...rest.map((line) => `        ${line}`));
  }
  return lines;

  function hanging(text: string): readonly string[] {
    return wrappedAtSpaces(text, Math.max(20, limit - 2), measure).map((line, index) =>
      index === 0 ? line : `  ${line}`,
    );
  }
}

/** Claims no more than was learnt. */
function allIsWell(unknown: Report['unknown']): string {
  if (unknown.length === 0) return 'Nothing needs attention.';
  const isHidden = unknown.some((part) => part.endsWith(notAllowed));
  return `Of what this ${isHidden ? 'account may read' : 'server tells'}, nothing needs attention.`;
}

function factsOf(report: Report): readonly (readonly [string, readonly string[]])[] {
  const { cluster, version, ipsec, datapaths, policies, security_associations: sas } = report;
  return [
    ['Server', [cluster === undefined ? report.url : `${cluster}, ${report.url}`]],
    ...(version === undefined ? [] : [['Version', [version]] as const]),
    ...(ipsec === undefined ? [] : [['IPsec', [ipsecText(ipsec)]] as const]),
    ...(datapaths === undefined ? [] : [['Datapath', datapaths.map(datapathText)] as const]),
    ...(policies === undefined ? [] : [['Policies', [policyText(policies)]] as const]),
    ...(sas === undefined
      ? []
      : [['SAs', [`${countText(sas['ike'] ?? 0)} IKE, ${countText(sas['ipsec'] ?? 0)} IPsec`]] as const]),
  ];
}

function ipsecText({ enabled, replay_window: window }: NonNullable<Report['ipsec']>): string {
  if (!enabled) return 'disabled';
  if (window === undefined) return 'enabled';
  return window === 0
    ? 'enabled, without anti-replay (security ipsec config modify -replay-window 64)'
    : `enabled, anti-replay window of ${window} packets`;
}

function datapathText(record: ApiRecord): string {
  const isText = (value: unknown) => typeof value === 'string';
  const [name] = [member(record, 'ipspace.name')].filter(isText);
  const [what] = [record['description'], record['kind']].filter(isText);
  const ready = record['ready'] === true ? 'ready' : 'not ready';
  const told = what === undefined ? ready : `${what}, ${ready}`;
  return name === undefined ? told : `${name}: ${told}`;
}

function policyText(policies: NonNullable<Report['policies']>): string {
  const counted = Object.entries(policies).filter(([, count]) => count > 0);
  const total = counted.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return 'none';
  const parts = counted.map(([name, count]) => `${countText(count)} ${name}`);
  return parts.length === 1 ? (parts[0] ?? '') : `${countText(total)}: ${parts.join(', ')}`;
}

/** Of several, so many names are told. */
const toldNames = 3;

function subjectOf({ subject, names }: Attention): string {
  if (names === undefined) return subject;
  const others = names.length - toldNames;
  if (others > 0) return `${subject} ${names.slice(0, toldNames).join(', ')} and ${others} more`;
  return `${subject} ${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
