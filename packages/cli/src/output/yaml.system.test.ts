import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { recordingTerminal } from '../testing/recording-terminal.ts';
import { makeOutput } from './make-output.ts';

/** Texts that one reader or the other takes for something else where they stand plain. */
const treacherous = [
  ...[
    'yes',
    'No',
    'ON',
    'off',
    'y',
    'N',
    'true',
    'False',
    'null',
    'Null',
    '~',
    '',
    ' a',
    'a ',
    'a\nb',
    'a\r\tb',
  ],
  ...[
    '12:30',
    '190:20:30.15',
    '1_000',
    '0777',
    '0o17',
    '0x1F',
    '0x_1F',
    '0b1_0',
    '+12',
    '-0',
    '08',
    '1e3',
    '._1',
  ],
  ...[
    '1.5e+3',
    '1_0.5',
    '.inf',
    '-.INF',
    '.NaN',
    '1,000',
    '2026-11-22',
    '2026-11-22T12:00:00Z',
    '2026-1-1 1:2:3',
  ],
  ...[
    '<<',
    '=',
    '- a',
    '? a',
    '!x',
    '&a',
    '*a',
    '@a',
    '`a',
    '%a',
    'a: b',
    'a #b',
    'a:',
    '#a',
    '|',
    '>',
    '[a',
    '{a',
  ],
  ...[
    '"a',
    "'a",
    '---',
    '...',
    '-',
    '?',
    ':',
    'é\u0085\u2028\ufeff',
    '😀',
    'fe80::1',
    '192.0.2.0/24',
    'key: |',
  ],
];

it('is read as it was meant by YAML 1.1 as in Python and by YAML 1.2', async () => {
  const terminal = recordingTerminal();
  const record = { texts: treacherous, ...Object.fromEntries(treacherous.map((text) => [text, 1])) };
  await makeOutput('yaml', terminal).list({ columns: [], records: [record] });
  expect(parse(terminal.output)).toEqual([record]);
  const program = 'import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin.buffer), sys.stdout)';
  const read = execFileSync('/usr/bin/python3', ['-c', program], { input: terminal.output });
  expect(JSON.parse(read.toString())).toEqual([record]);
});

it('keeps plain what every reader takes for a text', async () => {
  const terminal = recordingTerminal();
  await makeOutput('yaml', terminal).list({
    columns: [],
    records: [{ name: 'nfs to-site 2', enabled: true }],
  });
  expect(terminal.output).toBe('- name: nfs to-site 2\n  enabled: true\n');
});
