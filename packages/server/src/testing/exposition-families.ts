/** A series of a metric, as it was read. */
export interface Series {
  readonly name: string;
  /** By name, unescaped. */
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/** A metric: what it is, and its series. */
export interface MetricFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly series: readonly Series[];
}

const headLine = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/;
const seriesLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/gy;

/**
 * Reads Prometheus' text format (exposition format 0.0.4) as strictly as its own parser and linter do: HELP, then TYPE, then
 * the family's series, each family once and each series once; counters end in `_total`, buckets of a histogram only grow and end at
 * `+Inf` with the count. Throws an Error that names the line.
 */
export function readExposition(text: string): ReadonlyMap<string, MetricFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, MetricFamily & { series: Series[] }>();
  const seen = new Set<string>();
  let help: RegExpExecArray | undefined;
  let family: (MetricFamily & { series: Series[] }) | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    const head = headLine.exec(line);
    if (head !== null) {
      const [, kind, name = '', said = ''] = head;
      if (kind === 'HELP') {
        help = head;
        continue;
      }
      if (help?.[2] !== name || families.has(name))
        throw new Error(`HELP and TYPE do not stand together: ${line}`);
      family = { name, type: said, help: help[3] ?? '', series: [] };
      families.set(name, family);
      continue;
    }
    const series = readSeries(line);
    if (family === undefined || !isOf(family, series)) throw new Error(`not of the family above: ${line}`);
    const key = line.slice(0, line.lastIndexOf(' '));
    if (seen.has(key)) throw new Error(`told twice: ${line}`);
    seen.add(key);
    family.series.push(series);
  }
  for (const each of families.values()) lint(each);
  return families;
}

function readSeries(line: string): Series {
  const [, name = '', text = '', value = ''] = seriesLine.exec(line) ?? [];
  if (name === '' || !/^([+-]?Inf|NaN|-?\d+(\.\d+)?(e[+-]?\d+)?)$/.test(value))
    throw new Error(`no series: ${line}`);
  const labels = new Map<string, string>();
  let end = 0;
  for (const [whole, key = '', escaped = '', separator] of text.matchAll(label)) {
    if (labels.has(key)) throw new Error(`a label twice: ${line}`);
    labels.set(
      key,
      escaped.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character)),
    );
    end += whole.length;
    if (separator === ',' && end === text.length) throw new Error(`a comma too many: ${line}`);
  }
  if (end !== text.length) throw new Error(`no labels: ${line}`);
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) };
}

function isOf({ name, type }: MetricFamily, series: Series): boolean {
  if (type !== 'histogram') return series.name === name;
  return [`${name}_bucket`, `${name}_sum`, `${name}_count`].includes(series.name);
}

function lint({ name, type, series }: MetricFamily): void {
  if (!['counter', 'gauge', 'histogram'].includes(type)) throw new Error(`${name}: no such type: ${type}`);
  if ((type === 'counter') !== name.endsWith('_total'))
    throw new Error(`${name}: counters, and no others, end in _total`);
  if (type === 'counter' && series.some(({ value }) => !(value >= 0)))
    throw new Error(`${name} is below zero`);
  if (type !== 'histogram') return;
  const others = ({ labels }: Series) => [...labels].filter(([key]) => key !== 'le').join();
  for (const [key, of] of Map.groupBy(series, others)) {
    const buckets = of.filter((each) => each.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => Number(labels.get('le')?.replace('Inf', 'Infinity')));
    const counts = buckets.map(({ value }) => value);
    const count = of.find((each) => each.name === `${name}_count`)?.value;
    const grows = (values: readonly number[]) =>
      values.every((value, at) => at === 0 || value >= (values[at - 1] ?? 0));
    if (
      !grows(bounds) ||
      !grows(counts) ||
      bounds.at(-1) !== Number.POSITIVE_INFINITY ||
      counts.at(-1) !== count
    )
      throw new Error(`${name}{${key}}: the buckets do not add up`);
    if (!of.some((each) => each.name === `${name}_sum`)) throw new Error(`${name}{${key}} has no sum`);
  }
}
