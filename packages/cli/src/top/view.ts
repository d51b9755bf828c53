import { paint } from '../output/colour.ts';
import { printable } from '../output/printable.ts';
import { bytesText, countText, timeText } from '../output/quantities.ts';
import { tableLines } from '../output/table.ts';
import { firstColumns, type TextWidth, wrapped } from '../output/text-width.ts';
import { absent } from '../output/value-text.ts';
import type { Terminal } from '../terminal.ts';
import { sortings } from './order.ts';
import type { SaRate } from './rates.ts';
import { type Choice, selectionOf } from './selection.ts';

/** All that is to be seen of `top` at a moment. */
export interface View extends Choice {
  readonly server: string;
  readonly everySeconds: number;
  /** How long the last look took. */
  readonly tookMs: number;
  readonly observedAtMs: number | undefined;
  /** Why this is not what is: the server cannot tell, or does not answer. */
  readonly trouble: string | undefined;
  readonly isTyping: boolean;
  readonly isHelping: boolean;
  /** How many SAs are above the first one shown. */
  readonly top: number;
}

/** A column, and how many others have room before it does. */
interface ViewColumn {
  readonly heading: readonly string[];
  readonly isRight: boolean;
  readonly rank: number;
  readonly text: (rate: SaRate) => string;
}

const rateText = (bytes: number | undefined) => (bytes === undefined ? '-' : `${bytesText(bytes)}/s`);
const packetText = (packets: number | undefined) =>
  packets === undefined ? '-' : countText(packets < 10 ? Number(packets.toFixed(1)) : Math.round(packets));

const columns: readonly ViewColumn[] = [
  { heading: ['Vserver'], isRight: false, rank: 8, text: ({ sa }) => sa.vserver },
  { heading: ['Policy'], isRight: false, rank: 0, text: ({ sa }) => sa.policyName },
  { heading: ['Local', 'Address'], isRight: false, rank: 4, text: ({ sa }) => sa.localAddress },
  { heading: ['Remote', 'Address'], isRight: false, rank: 3, text: ({ sa }) => sa.remoteAddress },
  { heading: ['Inbound'], isRight: true, rank: 1, text: ({ perSecond }) => rateText(perSecond?.bytesIn) },
  { heading: ['Outbound'], isRight: true, rank: 2, text: ({ perSecond }) => rateText(perSecond?.bytesOut) },
  {
    heading: ['Inbound', 'Packets/s'],
    isRight: true,
    rank: 6,
    text: ({ perSecond }) => packetText(perSecond?.packetsIn),
  },
  {
    heading: ['Outbound', 'Packets/s'],
    isRight: true,
    rank: 7,
    text: ({ perSecond }) => packetText(perSecond?.packetsOut),
  },
  {
    heading: ['Bytes', 'So Far'],
    isRight: true,
    rank: 5,
    text: ({ sa }) => bytesText(sa.counters.bytesIn + sa.counters.bytesOut),
  },
  { heading: ['State'], isRight: false, rank: 9, text: ({ sa }) => sa.state.toUpperCase() },
];

/** How wide a rate is at most, so that columns stand still while numbers change. */
const rateColumns = '99.9 MB/s'.length;

type Size = Pick<Terminal, 'columns' | 'rows'>;

/** The lines of the screen, none of them wider than it. Columns that have no room are left out, the state first. */
export function viewLines(
  view: View,
  { columns: width, rows, hasColour }: Size & Pick<Terminal, 'hasColour'>,
  measure: TextWidth,
): readonly string[] {
  const { sas } = selectionOf(view);
  const colour = { hasColour };
  const above = [
    ...aboveTable(view, { columns: width, rows }, measure).map(({ text, tone }) =>
      tone === undefined ? text : paint(text, tone, colour),
    ),
    '',
  ];
  const fitting = (text: string) => wrapped(text, width, measure);
  if (view.isHelping) return [...above.slice(0, 1), '', ...helpLines.flatMap(fitting)].slice(0, rows);
  if (sas.length === 0) {
    const empty =
      view.rates.size === 0 ? 'There are no IPsec SAs.' : 'No SA has that in a name or an address.';
    return [...above, ...fitting(empty)].slice(0, rows);
  }
  const room = tableRows(view, { columns: width, rows }, measure);
  const first = Math.min(view.top, Math.max(0, sas.length - room));
  const { heading, body } = table(sas.slice(first, first + room), width, measure);
  const fit = (line: string) => (measure(line) <= width ? line : firstColumns(line, width, measure));
  return [...above, ...heading.map((line) => paint(fit(line), 'heading', colour)), ...body.map(fit)].slice(
    0,
    rows,
  );
}

/** How many SAs are on the screen at once. */
export function tableRows(view: View, { columns, rows }: Size, measure: TextWidth): number {
  return Math.max(1, rows - aboveTable(view, { columns, rows }, measure).length - linesOfHeading);
}

/** The empty line above the table, and the three of its heading. */
const linesOfHeading = 4;

/** On a low screen lines above the table go before these do. */
const fewestSas = 2;

/** Nothing is cut, and numbers stay in one line: half a number reads as another one. */
function aboveTable(
  view: View,
  { columns: width, rows }: Size,
  measure: TextWidth,
): readonly { readonly text: string; readonly tone?: 'heading' | 'bad' }[] {
  const inTone = (line: string, tone?: 'heading' | 'bad') =>
    wrapped(line, width, measure).map((text) => ({ text, ...(tone && { tone }) }));
  const [title, ...facts] = headLines(view);
  return [
    ...inTone(title, 'heading'),
    ...(view.trouble === undefined ? [] : inTone(`Not current: ${printable(view.trouble)}`, 'bad')),
    ...sums(view).flatMap((clauses) => flowed(clauses, width, measure).flatMap((line) => inTone(line))),
    ...facts.flatMap((line) => inTone(line)),
  ].slice(0, Math.max(1, rows - linesOfHeading - fewestSas));
}

/** Clauses one after the other, as many in a line as it has room for. */
function flowed(clauses: readonly string[], width: number, measure: TextWidth): readonly string[] {
  const lines: string[] = [];
  for (const clause of clauses) {
    const longer = `${lines.at(-1)}, ${clause}`;
    if (lines.length > 0 && measure(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(clause);
  }
  return lines;
}

/** How many, and what they carry: each on lines of its own, so that the table stands still while they change. */
function sums(view: View): readonly (readonly string[])[] {
  const { sas, sum, newcomers } = selectionOf(view);
  const shown = sas.length === view.rates.size ? '' : ` of ${countText(view.rates.size)}`;
  return [
    [
      `${countText(sas.length)}${shown} IPsec SA${view.rates.size === 1 ? '' : 's'}`,
      ...(newcomers === 0 ? [] : [`${countText(newcomers)} without a rate yet`]),
    ],
    sum === undefined
      ? ['Rates are known when the server has looked twice.']
      : [
          `inbound ${rateText(sum.bytesIn)} in ${packetText(sum.packetsIn)} packets/s`,
          `outbound ${rateText(sum.bytesOut)} in ${packetText(sum.packetsOut)} packets/s`,
        ],
  ];
}

function headLines(view: View): readonly [string, ...string[]] {
  const { title } = sortings[view.sorting];
  return [
    `esplanade top: ${printable(view.server)}, ${cadence(view)}`,
    view.observedAtMs === undefined
      ? 'This server does not tell how old its counters are.'
      : `Counters of ${timeText(new Date(view.observedAtMs).toISOString())}, by the server's clock.`,
    view.isTyping
      ? `Filter: ${printable(view.filter)}_ (Enter keeps it, Escape drops it)`
      : `By ${title}${view.isReversed ? ', reversed' : ''}${view.filter === '' ? '' : `, with "${printable(view.filter)}"`} (? helps, q ends)`,
  ];
}

/** Where looking takes so long that it counts, that is told too. */
function cadence({ everySeconds, tookMs }: View): string {
  const every = `every ${everySeconds} s`;
  return tookMs < everySeconds * 500 ? every : `${every}, a look takes ${(tookMs / 1000).toFixed(1)} s`;
}

const helpLines = [
  ...Object.values(sortings).map(({ key, title }) => `  ${key}      sort by ${title}`),
  '  r      reverse the order',
  '  /      filter by a part of a name or an address; Escape drops the filter',
  '  arrows, Page Up, Page Down, Home, End',
  '  + -    look less often, more often',
  '  space  look now',
  '  q      end',
  '',
  'Rates are of the time between two looks of the server; "-" is not known yet.',
];

function table(
  sas: readonly SaRate[],
  width: number,
  measure: TextWidth,
): { readonly heading: readonly string[]; readonly body: readonly string[] } {
  const byRank = [...columns].sort((one, other) => one.rank - other.rank);
  const nameRoom = roomForName(width);
  let best: ReturnType<typeof tableLines>;
  for (let count = 1; count <= columns.length; count += 1) {
    const chosen = new Set(byRank.slice(0, count));
    const laidOut = layOut(
      columns.filter((column) => chosen.has(column)),
      sas,
      nameRoom,
      measure,
    );
    if (best !== undefined && measure(laidOut.heading.at(-1) ?? '') > width) break;
    best = laidOut;
  }
  return best ?? { heading: [], body: [] };
}

/** Names are cut to leave room for both rates, or for one, as long as enough of them can be read. */
function roomForName(width: number): number {
  const rooms = [2, 1].map((rates) => width - rates * (rateColumns + 1));
  return rooms.find((room) => room >= fewestOfName) ?? width;
}

const fewestOfName = 12;

function layOut(chosen: readonly ViewColumn[], sas: readonly SaRate[], nameRoom: number, measure: TextWidth) {
  const rows = sas.map((rate) =>
    chosen.map((column) => {
      const text = printable(column.text(rate)) || absent;
      if (column.isRight) return text.padStart(rateColumns);
      return column.rank === 0 ? shortened(text, nameRoom, measure) : text;
    }),
  );
  const headings = chosen.map(({ heading, isRight }) => ({ heading, isRight, isWhole: true, isKey: false }));
  // Without a limit it always fits.
  return tableLines(headings, rows, Number.POSITIVE_INFINITY, measure) ?? { heading: [], body: [] };
}

function shortened(text: string, room: number, measure: TextWidth): string {
  return measure(text) <= room ? text : `${firstColumns(text, room - 1, measure)}…`;
}
