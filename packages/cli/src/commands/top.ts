import { setTimeout as pause } from 'node:timers/promises';
import type { Arguments, Command } from '../command.ts';
import type { Context } from '../context.ts';
import { CommandError, type ExitStatus, exitStatus } from '../exit-status.ts';
import type { Column } from '../output/column.ts';
import { makeOutput } from '../output/make-output.ts';
import { notCurrent } from '../output/not-current.ts';
import { oneOfSeveral } from '../output/one-of-several.ts';
import type { ApiRecord } from '../output/output.ts';
import { printable } from '../output/printable.ts';
import { showLive } from '../top/live.ts';
import { isSorting, ordered, type Sorting, sortings } from '../top/order.ts';
import { ratesOf, type SaRate, type SaRates } from '../top/rates.ts';
import { type SaFilter, type Sample, takeSample } from '../top/sample.ts';
import { capturing } from '../watch/capturing-terminal.ts';

/** Parameters that choose SAs, and the fields they are about. */
const filters = [
  { name: 'vserver', field: 'svm.name', path: '/svm/svms', source: 'name', help: 'Only SAs of these SVMs' },
  {
    name: 'policy-name',
    field: 'policy_name',
    path: '/security/ipsec/policies',
    source: 'name',
    help: 'Only SAs of these policies',
  },
  {
    name: 'remote-address',
    field: 'remote_address',
    path: '/security/ipsec/security-associations',
    source: 'remote_address',
    help: 'Only SAs with these remotes',
  },
] as const;

const text = (name: string, field: string, label: string, heading: readonly string[]): Column => ({
  ...{ name, field, label, heading, format: 'text' },
});
const rate = (name: string, field: string, label: string, format: 'bytes' | 'count'): Column => ({
  ...{ name, field, label, format, heading: label.split(' ') },
});

const columns: readonly Column[] = [
  text('vserver', 'svm.name', 'Vserver', ['Vserver']),
  text('policy-name', 'policy_name', 'Policy Name', ['Policy', 'Name']),
  text('local-address', 'local_address', 'Local Address', ['Local', 'Address']),
  text('remote-address', 'remote_address', 'Remote Address', ['Remote', 'Address']),
  { name: 'uuid', field: 'uuid', label: 'UUID', format: 'text' },
  { name: 'state', field: 'ipsec.state', label: 'State', format: 'keyword', isUpperCase: true },
  rate('inbound-bytes-per-second', 'ipsec.inbound.bytes_per_second', 'Inbound Bytes/s', 'bytes'),
  rate('outbound-bytes-per-second', 'ipsec.outbound.bytes_per_second', 'Outbound Bytes/s', 'bytes'),
  rate('inbound-packets-per-second', 'ipsec.inbound.packets_per_second', 'Inbound Packets/s', 'count'),
  rate('outbound-packets-per-second', 'ipsec.outbound.packets_per_second', 'Outbound Packets/s', 'count'),
  { name: 'inbound-bytes', field: 'ipsec.inbound.bytes', label: 'Inbound Bytes', format: 'bytes' },
  { name: 'outbound-bytes', field: 'ipsec.outbound.bytes', label: 'Outbound Bytes', format: 'bytes' },
  { name: 'observed-at', field: 'observed_at', label: 'Observed At', format: 'time' },
];

/** `top`: IPsec SAs and what they carry, live on a terminal, or so many times for a program. */
export const top: Command = {
  description: [
    'Shows the IPsec SAs and what each carries per second, the busiest first, and draws that anew every other second until q or Ctrl-C. In the view, ? tells the keys: sort, filter, scroll.',
    'Rates come from the counters of the server at two instants, and the view says of which instant they are. An SA that came up or was rekeyed in between has none yet ("-"), and what all carry together is of the others. Where there is no terminal, in a format for programs, or with -count, the SAs are listed once, or so many times, and nothing is drawn.',
    'Each look takes all SAs from the server, since only their counters tell which are busy. With very many that takes seconds, which the view says, and it then leaves the server alone for at least as long; the server itself selects by -policy-name, -vserver and -remote-address, a filter in the view does not ask it for less.',
  ],
  parameters: [
    ...filters.map(({ name, path, source, help }) => ({
      name,
      value: { kind: 'text', placeholder: 'text' } as const,
      help,
      isQuery: true,
      source: { path, field: source },
    })),
    {
      name: 'sort',
      value: { kind: 'choice', choices: Object.keys(sortings) },
      help: 'What to sort by',
      fallback: 'rate',
    },
    {
      name: 'interval',
      value: { kind: 'integer', placeholder: 'SECONDS' },
      help: 'How often to look',
      fallback: '2',
    },
    {
      name: 'count',
      value: { kind: 'integer', placeholder: 'NUMBER' },
      help: 'List so many times, and draw nothing',
      fallback: 'on a terminal, live until q',
    },
  ],
  examples: [
    { line: 'top', explains: 'What the SAs carry, live.' },
    { line: "top -policy-name 'nfs*' -sort out", explains: 'Of some policies, by what goes out.' },
    { line: 'top -count 1 --json', explains: 'Once, for a program.' },
  ],
  async run(given, context) {
    const { output, terminal, signal } = context;
    const everySeconds = integer(given, 'interval', 3600) ?? 2;
    const count = integer(given, 'count', 1_000_000);
    const sorting = given.text('sort') ?? 'rate';
    if (!isSorting(sorting)) throw new CommandError(exitStatus.misused, `-sort cannot be "${sorting}".`);
    const filter: SaFilter = filters.flatMap(({ name, field }) => {
      const query = given.text(name);
      return query === undefined ? [] : [[field, query] as const];
    });
    // Whoever looks on wants to hear that there is no answer, and now; what is not current is told with each look.
    const api = (await context.api()).with({ retries: 0, onIncomplete: () => undefined });
    const look = (ending: AbortSignal) => takeSample(api, filter, ending);
    const first = await look(signal);
    const screen = count === undefined && !output.isExact ? await terminal.openScreen() : undefined;
    if (screen === undefined) {
      return listed(
        first,
        look,
        { everySeconds, count: count ?? 1, sorting, isFiltered: filter.length > 0 },
        context,
      );
    }
    return showLive({ server: api.url.host, everySeconds, sorting, terminal, screen, signal, first, look });
  },
};

function integer(given: Arguments, name: string, most: number): number | undefined {
  const typed = given.text(name);
  if (typed === undefined) return undefined;
  const value = Number(typed);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new CommandError(exitStatus.misused, `-${name} takes 1 to ${most}, not ${typed}.`);
}

/** So often at most is looked again where the server has not, or there would be no rate to list. */
const looksForRate = 3;

/** How it is listed. */
interface Listed {
  readonly everySeconds: number;
  readonly count: number;
  readonly sorting: Sorting;
  readonly isFiltered: boolean;
}

async function listed(
  first: Sample,
  look: (signal: AbortSignal) => Promise<Sample>,
  { everySeconds, count, sorting, isFiltered }: Listed,
  { output, terminal, signal }: Context,
): Promise<ExitStatus> {
  let rates: SaRates = ratesOf(new Map(), first);
  for (let round = 0; round < count; round += 1) {
    for (let looks = 0; looks < looksForRate; looks += 1) {
      await pause(everySeconds * 1000, undefined, { signal });
      const sample = await look(signal);
      rates = ratesOf(rates, sample);
      const { incomplete, observedAtMs } = sample;
      if (incomplete !== undefined) {
        const observedAt = observedAtMs === undefined ? undefined : new Date(observedAtMs).toISOString();
        terminal.note(`${printable(notCurrent(incomplete, observedAt))}\n`);
      }
      if (rates.size === 0 || [...rates.values()].some(({ perSecond }) => perSecond !== undefined)) break;
    }
    const records = ordered(rates.values(), sorting, false).map(recordOf);
    if (count === 1) await output.list({ columns, records, isFiltered });
    else {
      const captured = capturing(terminal, false);
      await makeOutput(output.format, captured.terminal).list({ columns, records, isFiltered });
      terminal.write(oneOfSeveral(captured.text(), output.format, round === 0));
    }
  }
  return exitStatus.done;
}

/** As the API has the SA, with the rates beside their counters. */
function recordOf({ sa, perSecond }: SaRate): ApiRecord {
  const { counters } = sa;
  const both = (direction: 'In' | 'Out') => ({
    bytes: counters[`bytes${direction}`],
    packets: counters[`packets${direction}`],
    ...(perSecond && {
      bytes_per_second: rounded(perSecond[`bytes${direction}`]),
      packets_per_second: rounded(perSecond[`packets${direction}`]),
    }),
  });
  return {
    uuid: sa.uuid,
    ...(sa.vserver !== '' && { svm: { name: sa.vserver } }),
    policy_name: sa.policyName,
    local_address: sa.localAddress,
    remote_address: sa.remoteAddress,
    ipsec: { state: sa.state, inbound: both('In'), outbound: both('Out') },
    observed_at: new Date(sa.atMs).toISOString(),
  };
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
