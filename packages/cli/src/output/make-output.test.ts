import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { recordingTerminal } from '../testing/recording-terminal.ts';
import type { Column } from './column.ts';
import { makeOutput } from './make-output.ts';
import type { Listing, OutputFormat } from './output.ts';

const columns: readonly Column[] = [
  { name: 'vserver', field: 'svm.name', label: 'Vserver', heading: ['Vserver'], format: 'text', isKey: true },
  {
    name: 'name',
    field: 'name',
    label: 'Policy Name',
    heading: ['Policy', 'Name'],
    format: 'text',
    isKey: true,
  },
  {
    name: 'action',
    field: 'action',
    label: 'Action',
    heading: ['Action'],
    format: 'keyword',
    isUpperCase: true,
  },
  { name: 'bytes', field: 'ipsec.bytes', label: 'Bytes', heading: ['Bytes'], format: 'bytes' },
  { name: 'subnets', field: 'subnets', label: 'Local IP Subnets', format: 'list' },
];

const records = [
  {
    svm: { name: 'svm1' },
    name: 'nfs',
    action: 'esp_tra',
    ipsec: { bytes: 1_234_567_890 },
    subnets: ['192.0.2.1/32'],
  },
  { svm: { name: 'svm1' }, name: 'backup', action: 'bypass', subnets: [] },
];

async function shown(format: OutputFormat, listing: Partial<Listing> = {}, terminalColumns?: number) {
  const terminal = recordingTerminal(terminalColumns === undefined ? {} : { columns: terminalColumns });
  const count = await makeOutput(format, terminal).list({ columns, records, ...listing });
  return { count, text: terminal.output, lines: terminal.output.split('\n').slice(0, -1) };
}

describe('a table', () => {
  it('has the headings at the bottom of their lines, dashes, and numbers at the right', async () => {
    const { count, text } = await shown('table');
    expect(count).toBe(2);
    expect(text).toBe(
      [
        '        Policy',
        'Vserver Name   Action   Bytes',
        '------- ------ ------- ------',
        'svm1    nfs    ESP_TRA 1.2 GB',
        'svm1    backup BYPASS       -',
        '2 entries were displayed.',
        '',
      ].join('\n'),
    );
  });

  it('says nothing of the number when there is one record', async () => {
    const { text } = await shown('table', { records: records.slice(0, 1) });
    expect(text).not.toContain('displayed');
  });

  it('tells an empty table from a query that nothing matches', async () => {
    expect((await shown('table', { records: [], isFiltered: true })).text).toBe(
      'There are no entries matching your query.\n',
    );
    expect((await shown('table', { records: [], isFiltered: false })).text).toBe(
      'This table is currently empty.\n',
    );
  });

  it('shows with -fields the keys and what was asked for, under the names of parameters', async () => {
    const { lines } = await shown('table', { fields: ['subnets', 'bytes'] });
    expect(lines.slice(0, 3)).toEqual([
      'vserver name   subnets      bytes',
      '------- ------ ------------ ------',
      'svm1    nfs    192.0.2.1/32 1.2 GB',
    ]);
  });

  it('shows people what a column makes of a value, in its words, and programs the value', async () => {
    const records = [{ applications: [{ methods: ['certificate'] }] }];
    const methods: Column = {
      name: 'authentication-method',
      field: 'applications',
      label: 'Authentication Method',
      heading: ['Method'],
      format: 'list',
      words: { certificate: 'cert' },
      shown: (applications) => [applications].flat().flatMap((each) => Object(each).methods),
    };
    expect((await shown('table', { columns: [methods], records })).lines).toEqual([
      'Method',
      '------',
      'cert',
    ]);
    expect((await shown('csv', { columns: [methods], records })).text).toContain('certificate');
  });

  const long = {
    svm: { name: 'a-storage-virtual-machine-for-accounting' },
    name: 'replication-to-the-other-site-over-the-wide-area-network',
    action: 'esp_tra',
  };

  it('wraps inside of cells what does not fit, and loses nothing', async () => {
    const { lines } = await shown('table', { records: [long, ...records] }, 60);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
    expect(lines[1]).toContain('Vserver');
    expect(column(lines.slice(3), 0, lines[2])).toContain(long.svm.name);
    expect(column(lines.slice(3), 1, lines[2])).toContain(long.name);
  });

  it('becomes blocks where even wrapping does not make it fit', async () => {
    const { lines } = await shown('table', { records: [long] }, 30);
    expect(lines[0]).toMatch(/^ {4}Vserver: a-storage-/);
    expect(lines.map((line) => line.slice(13)).join('')).toContain(long.name);
  });

  it('is as wide as it needs to be where no terminal limits it', async () => {
    const { lines } = await shown('table', { records: [long] });
    expect(lines.at(-1)).toBe(`${long.svm.name} ${long.name} ESP_TRA     -`);
  });

  it('counts the columns that wide characters take', async () => {
    const { lines } = await shown('table', {
      records: [{ name: '東京' }, { name: 'abcd' }],
      fields: ['name'],
    });
    expect(lines.slice(1, 4)).toEqual(['------- ----', '-       東京', '-       abcd']);
  });

  it('has bold headings on a terminal with colour, and none elsewhere', async () => {
    const terminal = recordingTerminal({ columns: 80, hasColour: true });
    await makeOutput('table', terminal).list({ columns, records });
    expect(terminal.output).toContain('\x1b[1mVserver Name   Action   Bytes\x1b[0m');
    expect((await shown('table', {}, 80)).text).not.toContain('\x1b');
  });
});

describe('a block', () => {
  it('has all labels at the right of their column', async () => {
    const { text } = await shown('instance');
    expect(text).toBe(
      [
        '         Vserver: svm1',
        '     Policy Name: nfs',
        '          Action: ESP_TRA',
        '           Bytes: 1.2 GB',
        'Local IP Subnets: 192.0.2.1/32',
        '',
        '         Vserver: svm1',
        '     Policy Name: backup',
        '          Action: BYPASS',
        '           Bytes: -',
        'Local IP Subnets: -',
        '2 entries were displayed.',
        '',
      ].join('\n'),
    );
  });

  it('is the form of what there is only one of', async () => {
    const { lines } = await shown('table', { records: records.slice(0, 1), isSingle: true });
    expect(lines[0]).toBe('         Vserver: svm1');
  });

  it('keeps the lines of a value beneath each other, and wraps long ones', async () => {
    const certificate = '-----BEGIN-----\nMIIB\n-----END-----\n';
    const { lines } = await shown(
      'instance',
      { records: [{ name: certificate, action: 'a '.repeat(40) }] },
      50,
    );
    expect(lines.slice(1, 4)).toEqual([
      '     Policy Name: -----BEGIN-----',
      '                  MIIB',
      '                  -----END-----',
    ]);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(50);
  });
});

describe('what cannot be broken', () => {
  it('stays whole in a table: a time, a keyword', async () => {
    const times: Column = { name: 'time', field: 'time', label: 'Time', heading: ['Time'], format: 'time' };
    const texts: Column = { name: 'text', field: 'text', label: 'Text', heading: ['Text'], format: 'text' };
    const record = { time: '2026-11-22T03:23:31Z', text: 'word '.repeat(20) };
    const { lines } = await shown('table', { columns: [times, texts], records: [record] }, 40);
    expect(lines[2]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d word/);
  });

  it('begins at the margin of a block: the lines of a certificate', async () => {
    const pem = ['-----BEGIN CERTIFICATE-----', 'M'.repeat(64), '-----END CERTIFICATE-----'];
    const certificate: Column = {
      name: 'pem',
      field: 'pem',
      label: 'Public Key Certificate',
      format: 'text',
    };
    const { lines } = await shown(
      'instance',
      { columns: [certificate], records: [{ pem: pem.join('\n') }] },
      80,
    );
    expect(lines).toEqual(['Public Key Certificate:', ...pem]);
  });
});

describe('formats for machines', () => {
  it('give the records of the API as they are in JSON', async () => {
    expect(JSON.parse((await shown('json')).text)).toEqual(records);
    expect((await shown('json', { records: [] })).text).toBe('[]\n');
    expect(JSON.parse((await shown('json', { records: records.slice(0, 1), isSingle: true })).text)).toEqual(
      records[0],
    );
  });

  it('give the records of the API as they are in YAML', async () => {
    expect(parse((await shown('yaml')).text)).toEqual(records);
    expect((await shown('yaml', { records: [] })).text).toBe('[]\n');
    expect(parse((await shown('yaml', { records: records.slice(0, 1), isSingle: true })).text)).toEqual(
      records[0],
    );
  });

  it('give one line of exact values for each record in CSV', async () => {
    const quoted = { name: 'a "b", c', subnets: ['192.0.2.1/32', '192.0.2.2/32'], action: 'bypass' };
    expect((await shown('csv', { records: [...records, quoted] })).lines).toEqual([
      'vserver,name,action,bytes,subnets',
      'svm1,nfs,esp_tra,1234567890,192.0.2.1/32',
      'svm1,backup,bypass,,',
      ',"a ""b"", c",bypass,,"192.0.2.1/32,192.0.2.2/32"',
    ]);
    expect((await shown('csv', { fields: ['action'] })).lines[0]).toBe('vserver,name,action');
    const objects = { name: 'two', subnets: [{ family: 'ipv4' }, { family: 'ipv6' }] };
    expect((await shown('csv', { records: [objects] })).lines[1]).toBe(
      ',two,,,"[{""family"":""ipv4""},{""family"":""ipv6""}]"',
    );
    const chosen = { svm: { name: 'svm1' }, name: 'nfs', ipsec: { bytes: 1_234_567_890 } };
    for (const format of ['json', 'yaml'] as const) {
      const { text } = await shown(format, { fields: ['bytes'] });
      expect(parse(text)).toEqual([chosen, { svm: { name: 'svm1' }, name: 'backup' }]);
    }
  });

  it('are written as records arrive', async () => {
    const terminal = recordingTerminal();
    const seen: string[] = [];
    async function* arriving() {
      yield { name: 'first' };
      seen.push(terminal.output);
      yield { name: 'second' };
    }
    await makeOutput('json', terminal).list({ columns, records: arriving() });
    expect(seen[0]).toContain('first');
  });

  it('have no sentences', () => {
    const terminal = recordingTerminal();
    makeOutput('json', terminal).say('1 policy was deleted.');
    expect(terminal.output).toBe('');
  });
});

describe('what a hostile server sends', () => {
  const hostile = '\x1b]0;owned\x07\x9b31mred\u202egnp.exe\r\x00\x7f\u2028\ud800';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those must not come out
  const acted = /[\0-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]|\p{Surrogate}/u;

  it.each(['table', 'instance', 'json', 'yaml', 'csv'] as const)(
    'does not reach the terminal in %s',
    async (format) => {
      const { text } = await shown(format, { records: [{ name: hostile, [hostile]: hostile }] }, 200);
      expect(text).toContain('owned');
      expect(text).not.toMatch(acted);
    },
  );

  it('is the same value in JSON and YAML', async () => {
    const record = { name: hostile, list: [hostile, '\n', 'plain'], [hostile]: 1 };
    expect(JSON.parse((await shown('json', { records: [record] })).text)).toEqual([record]);
    const [document] = parseAllDocuments((await shown('yaml', { records: [record] })).text);
    expect(document?.errors).toEqual([]);
    expect(document?.toJS()).toEqual([record]);
  });

  it('is broken between words where people read it, and whole for scripts', () => {
    const sentence = 'The password is not kept: commands ask for it.';
    const narrow = recordingTerminal({ columns: 30 });
    makeOutput('table', narrow).say(sentence);
    expect(narrow.output).toBe('The password is not kept:\ncommands ask for it.\n');
    const pipe = recordingTerminal();
    makeOutput('table', pipe).say(sentence.repeat(9));
    expect(pipe.output).toBe(`${sentence.repeat(9)}\n`);
  });

  it('does not reach the terminal in sentences either, nor makes one look like two', () => {
    const terminal = recordingTerminal();
    makeOutput('table', terminal).say(`Policy ${hostile} was deleted.\nSo it is.`);
    expect(terminal.output).not.toMatch(acted);
    expect(terminal.output).toMatch(/^Policy .+ was deleted\.\\nSo it is\.\n$/);
  });
});

/** The text of one column, its lines put together. */
function column(lines: readonly string[], index: number, dashes: string | undefined): string {
  const [first] = [...(dashes ?? '').matchAll(/-+/g)].slice(index);
  if (!first) return '';
  return lines.map((line) => line.slice(first.index, first.index + first[0].length).trim()).join('');
}
