import { connect, type Transport } from '@esplanade/sdk';
import { describe, expect, it } from 'vitest';
import { commandTable } from './command-table.ts';
import { execute } from './execute.ts';
import { recordingTerminal } from './testing/recording-terminal.ts';

/** Clears the screen, renames the window, turns text round, and writes over the line before. */
const hostile = 'x\x1b[2J\x1b]0;owned\x07\x9b31m\u202egnp\r\x00\x7f\u2028y';

/** What would reach a terminal of that, line ends aside. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those must not come out
const acted = /[\0-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

/** A record that is hostile in every field that was asked for, and in those that every record has. */
function hostileRecord(fields: readonly string[]): object {
  const record: Record<string, unknown> = { name: hostile, uuid: hostile, [hostile]: hostile };
  for (const field of fields) {
    const keys = field.split('.');
    const last = keys.pop() ?? '';
    let inner = record;
    for (const key of keys) {
      const known = inner[key];
      const next = typeof known === 'object' && known !== null ? known : {};
      inner[key] = next;
      inner = next as Record<string, unknown>;
    }
    inner[last] = hostile;
  }
  return record;
}

const answering: Transport = async ({ url }) => {
  const record = hostileRecord((url.searchParams.get('fields') ?? '').split(',').filter(Boolean));
  const incomplete = { code: hostile, message: hostile };
  const body = {
    ...record,
    records: [record, record],
    num_records: 2,
    observed_at: hostile,
    error: incomplete,
  };
  return { status: 200, header: () => undefined, text: JSON.stringify(body) };
};

const refusing: Transport = async () => {
  const error = { code: hostile, message: hostile, target: hostile };
  return { status: 400, header: () => hostile, text: JSON.stringify({ error }) };
};

async function shown(words: readonly string[], transport: Transport): Promise<string> {
  const api = connect({ url: 'https://cluster1', transport, retries: 0 });
  const terminal = recordingTerminal({ columns: 80 });
  await execute(words, {
    terminal,
    environment: {},
    commands: commandTable,
    signal: new AbortController().signal,
    connect: async () => api,
  });
  return terminal.output + terminal.notes;
}

const shows = commandTable.filter(
  ({ words }) => words.at(-1)?.startsWith('show') === true && words[0] !== 'profile' && words[0] !== 'key',
);

describe('a hostile server cannot steer the terminal by', () => {
  it.each([...shows, { words: ['status'] }])('$words', async ({ words }) => {
    for (const format of [[], ['-instance'], ['--json'], ['--yaml'], ['--csv']]) {
      const text = await shown([...words, ...format], answering);
      expect(text, format.join()).not.toMatch(acted);
    }
    expect(await shown(words, refusing)).not.toMatch(acted);
  });

  it('being said at all', async () => {
    expect(await shown(['security', 'ipsec', 'policy', 'show'], answering)).toContain('owned');
    expect(await shown(['security', 'ipsec', 'policy', 'show'], refusing)).toContain('owned');
  });
});

describe('records that are none do not break', () => {
  const deep = `${'{"a":['.repeat(20_000)}1${']}'.repeat(20_000)}`;
  const answers = ['[null,5]', '["text"]', '7', `[${deep}]`].map((records) => `{"records":${records}}`);
  const telling =
    (text: string): Transport =>
    async () => ({ status: 200, header: () => undefined, text });

  it.each([...shows, { words: ['status'] }])('$words', async ({ words }) => {
    for (const answer of answers)
      expect(await shown(words, telling(answer)), answer.slice(0, 40)).not.toMatch(/^\s+at /m);
  });

  it('being told from records', async () => {
    for (const answer of answers)
      expect(await shown(['security', 'ipsec', 'policy', 'show', '--json'], telling(answer))).toMatch(
        /^esplanade: .*(not told as records|not as ONTAP's API answers)/,
      );
  });
});
