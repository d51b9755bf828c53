import type { Terminal } from '../terminal.ts';
import { chosenColumns } from './chosen-columns.ts';
import { nested } from './nested.ts';
import type { ApiRecord, Listing, OutputFormat } from './output.ts';
import { isHarmful, printable, printableJson } from './printable.ts';
import { exactText, member } from './value-text.ts';

/** Records for a program, each written when it arrives. Returns how many there were. */
export function showToMachines(
  listing: Listing,
  format: 'json' | 'yaml' | 'csv',
  terminal: Terminal,
): Promise<number> {
  if (format === 'csv') return showCsv(listing, terminal);
  const records = listing.fields === undefined ? listing.records : chosenMembers(listing, format);
  return format === 'json'
    ? showJson({ ...listing, records }, terminal)
    : showYaml({ ...listing, records }, terminal);
}

/** Of each record what `-fields` chooses, and nothing that the server tells unasked. */
async function* chosenMembers(listing: Listing, format: OutputFormat): AsyncGenerator<ApiRecord> {
  const names = chosenColumns(listing, format).map(({ field }) => field);
  for await (const record of listing.records) {
    const members = names.map((name) => [name, member(record, name)] as const);
    yield nested(members.filter(([, value]) => value !== undefined));
  }
}

/** A list of the API's records, or the one that there is. */
async function showJson({ records, isSingle }: Listing, terminal: Terminal): Promise<number> {
  const text = (record: ApiRecord) => printableJson(JSON.stringify(record, undefined, 2));
  if (isSingle) return writeEach(records, terminal, (record) => `${text(record)}\n`);
  const count = await writeEach(
    records,
    terminal,
    (record, index) => `${index === 0 ? '[' : ','}\n  ${text(record).replaceAll('\n', '\n  ')}`,
  );
  terminal.write(count === 0 ? '[]\n' : '\n]\n');
  return count;
}

/** For readers of YAML 1.1, as those in Python and Go are: to them `no`, `12:30` and `2026-11-22` are no texts, nor is `=`. */
async function showYaml({ records, isSingle }: Listing, terminal: Terminal): Promise<number> {
  const { Document, visit } = await import('yaml');
  const text = (value: unknown) => {
    const document = new Document(value, { aliasDuplicateObjects: false, compat: 'yaml-1.1' });
    visit(document, {
      Scalar(_, node) {
        const { value: text } = node;
        // "=" is a type of its own in YAML 1.1, which the library does not know.
        if (typeof text === 'string' && (isHarmful(text) || text === '=')) node.type = 'QUOTE_DOUBLE';
      },
    });
    return printableJson(document.toString({ lineWidth: 0 }));
  };
  const count = await writeEach(records, terminal, (record) => text(isSingle ? record : [record]));
  if (count === 0) terminal.write('[]\n');
  return count;
}

/** RFC 4180, but for its line ends, which are those of Unix. On a terminal nothing that would act upon it is written. */
async function showCsv(listing: Listing, terminal: Terminal): Promise<number> {
  const columns = chosenColumns(listing, 'csv');
  const cell = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const line = (texts: readonly string[]) =>
    `${texts.map((text) => cell(terminal.isTerminal ? printable(text) : text)).join(',')}\n`;
  terminal.write(line(columns.map(({ name }) => name)));
  return writeEach(listing.records, terminal, (record) =>
    line(columns.map(({ field }) => exactText(member(record, field)))),
  );
}

async function writeEach(
  records: Listing['records'],
  terminal: Terminal,
  text: (record: ApiRecord, index: number) => string,
): Promise<number> {
  let count = 0;
  for await (const record of records) {
    terminal.write(text(record, count));
    count += 1;
    await terminal.drained();
  }
  return count;
}
