import type { Command, Parameter } from './command.ts';

const text = (placeholder: string): Parameter['value'] => ({ kind: 'text', placeholder });
const toggle: Parameter['value'] = { kind: 'switch' };

/** Parameters of every command that goes through the API: to which server, and in which format. */
export const globalParameters: readonly Parameter[] = [
  {
    name: 'profile',
    value: text('NAME'),
    help: 'Profile made by "esplanade login"',
    fallback: 'the one in use',
  },
  { name: 'url', value: text('URL'), help: 'Server, instead of that of the profile' },
  { name: 'user', value: text('NAME'), help: 'Account, instead of that of the profile' },
  {
    name: 'timeout',
    value: { kind: 'integer', placeholder: 'SECONDS' },
    help: 'How long an answer of the server may take, and a job that it begins',
  },
  { name: 'json', value: toggle, help: 'Result as JSON, exact' },
  { name: 'yaml', value: toggle, help: 'Result as YAML, exact' },
  { name: 'csv', value: toggle, help: 'Result as CSV (RFC 4180), exact' },
  { name: 'no-color', aliases: ['no-colour'], value: toggle, help: 'No colour, also on a terminal' },
];

/** All that a command takes: its own parameters, the files of its secrets, and what every command understands. */
export function parametersOf(command: Command): readonly Parameter[] {
  const names = new Set(command.parameters.map(({ name }) => name));
  const isNew = ({ name }: Parameter): boolean => !names.has(name);
  const own = command.parameters.flatMap((parameter) =>
    parameter.value.kind === 'secret' ? [parameter, ...[fileOf(parameter)].filter(isNew)] : [parameter],
  );
  return command.isLocal === true ? own : [...own, ...globalParameters.filter(isNew)];
}

function fileOf({ name, help }: Parameter): Parameter {
  const what = `${help.charAt(0).toLowerCase()}${help.slice(1)}`;
  return {
    name: `${name}-file`,
    value: { kind: 'file', placeholder: 'FILE' },
    help: `File with it (- is standard input): ${what}`,
  };
}
