import type { Command, Parameter } from '../command.ts';
import { showRecordCommand } from '../directory/show-record.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import type { Column } from '../output/column.ts';
import { lockOutParameter } from './security-ipsec-policy-fields.ts';

const path = '/security/ipsec';

const columns: readonly Column[] = [
  { name: 'is-enabled', field: 'enabled', label: 'IPsec Enabled', format: 'boolean' },
  { name: 'replay-window', field: 'replay_window', label: 'Replay Window Size', format: 'integer' },
  { name: 'is-offload-enabled', field: 'offload_enabled', label: 'Offload Enabled', format: 'boolean' },
];

/** `security ipsec config show`. */
export const show: Command = showRecordCommand(path, columns, {
  description: [
    'Shows whether policies are carried out, and what holds for all of them.',
    'A replay window of 0 means that packets which are sent a second time are taken: ONTAP does so by default.',
  ],
  examples: [
    { line: 'security ipsec config show', explains: 'The configuration' },
    { line: 'security ipsec config show --json', explains: 'For a program' },
  ],
});

const changes: readonly Parameter[] = [
  {
    name: 'is-enabled',
    value: { kind: 'boolean' },
    help: 'Whether policies are carried out; false takes all of them and their SAs down',
    target: 'enabled',
  },
  {
    name: 'replay-window',
    value: { kind: 'choice', choices: ['0', '64', '128', '256', '512', '1024'] },
    help: 'How many packets back a repeated one is recognised; 0 is not at all',
    target: 'replay_window',
  },
  {
    name: 'is-offload-enabled',
    value: { kind: 'boolean' },
    help: 'Whether network cards may do the encryption; to be changed while IPsec is disabled',
    target: 'offload_enabled',
  },
];

/** `security ipsec config modify`. */
export const modify: Command = {
  description: [
    'Switches IPsec on and off, and changes what holds for all policies.',
    'While IPsec is off nothing is protected and nothing is discarded: policies stay, and are carried out again when it is on. SAs that are up keep their replay window until they are replaced.',
  ],
  parameters: [...changes, lockOutParameter],
  examples: [
    { line: 'security ipsec config modify -is-enabled true', explains: 'Switch IPsec on' },
    { line: 'security ipsec config modify -replay-window 64', explains: 'Recognise repeated packets' },
  ],
  run: async (given, context) => {
    const wanted = changes.filter(({ name }) => given.has(name));
    if (wanted.length === 0)
      throw new CommandError(
        exitStatus.misused,
        `Say what to change: ${changes.map(({ name }) => `-${name}`).join(', ')}.`,
      );
    const body = wanted.map(({ name, value, target = name }) => {
      const text = given.text(name) ?? '';
      return [target, value.kind === 'boolean' ? text === 'true' : Number(text)];
    });
    const api = await context.api();
    const parameters = given.text(lockOutParameter.name) === 'true' ? { force: true } : {};
    await api.record(path).modify(Object.fromEntries(body), { parameters });
    context.output.say('The IPsec configuration was modified.');
    return exitStatus.done;
  },
};
