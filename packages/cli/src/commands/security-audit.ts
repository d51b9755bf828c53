import type { Command, Parameter } from '../command.ts';
import { showRecordCommand } from '../directory/show-record.ts';
import { exitStatus } from '../exit-status.ts';
import type { Column } from '../output/column.ts';
import { misused } from '../parse.ts';

const onOff = { true: 'on', false: 'off' } as const;

const columns: readonly Column[] = [
  { name: 'cliget', field: 'cli', label: 'CLI', format: 'boolean', words: onOff },
  { name: 'httpget', field: 'http', label: 'HTTP', format: 'boolean', words: onOff },
  { name: 'ontapiget', field: 'ontapi', label: 'ONTAPI', format: 'boolean', words: onOff },
];

/** `security audit show`. */
export const show: Command = showRecordCommand('/security/audit', columns, {
  description: [
    'Shows for which interfaces requests that only read are in the audit log. Changes, refusals and failed logins always are.',
  ],
  examples: [{ line: 'security audit show', explains: 'Whether reading is audited' }],
});

const switches: readonly Parameter[] = [
  {
    name: 'httpget',
    value: { kind: 'boolean' },
    help: 'Whether GET requests are audited; each then has an entry of its own',
    target: 'http',
  },
  {
    name: 'cliget',
    value: { kind: 'boolean' },
    help: 'Whether reading by CLI sessions is audited; Esplanade has none, so only off is taken',
    target: 'cli',
  },
  {
    name: 'ontapiget',
    value: { kind: 'boolean' },
    help: 'Whether reading by ONTAPI is audited; Esplanade does not serve it, so only off is taken',
    target: 'ontapi',
  },
];

/** `security audit modify`. */
export const modify: Command = {
  description: ['Changes for which interfaces requests that only read are in the audit log.'],
  parameters: switches,
  examples: [{ line: 'security audit modify -httpget on', explains: 'Keep GET requests too' }],
  run: async (given, { api, output }) => {
    const body = Object.fromEntries(
      switches
        .filter(({ name }) => given.has(name))
        .map(({ name, target = name }) => [target, given.text(name) === 'true']),
    );
    if (Object.keys(body).length === 0)
      throw misused('There is nothing to modify: give a parameter with its new value.');
    await (await api()).record('/security/audit').modify(body);
    output.say('The audit settings were modified.');
    return exitStatus.done;
  },
};
