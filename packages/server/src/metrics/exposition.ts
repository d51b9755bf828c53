/** A value and its labels, as they stand between the braces. */
export type Sample = readonly [labels: string, value: number | bigint];

/** A family of series in Prometheus' text format (exposition format 0.0.4). A counter's name ends in `_total`. */
export function family(
  name: string,
  type: 'gauge' | 'counter',
  help: string,
  samples: Iterable<Sample>,
): string {
  return header(name, type, help) + [...samples].map(([labels, value]) => line(name, labels, value)).join('');
}

/** The two lines that begin a family. */
export function header(name: string, type: 'gauge' | 'counter' | 'histogram', help: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

/** One series. */
export function line(name: string, labels: string, value: number | bigint): string {
  return `${name}${labels === '' ? '' : `{${labels}}`} ${value}\n`;
}

/** The labels of a series, in the order given: backslash, quote and line feed are the three characters that need escaping. */
export function labelsOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join();
}

/** A label's value. */
export function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
