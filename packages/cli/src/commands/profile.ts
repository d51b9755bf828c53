import type { Arguments, Command, Parameter } from '../command.ts';
import { choosing, noProfile } from '../connection/connection-choice.ts';
import type { Profile } from '../connection/profile.ts';
import { Profiles } from '../connection/profiles.ts';
import { watchParameter } from '../directory/listing-parameters.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import type { Column } from '../output/column.ts';
import { printable } from '../output/printable.ts';
import { globalParameters } from '../parameters.ts';

const columns: readonly Column[] = [
  { name: 'profile', field: 'name', label: 'Profile', heading: ['Profile'], format: 'text', isKey: true },
  { name: 'in-use', field: 'in_use', label: 'In Use', heading: ['In', 'Use'], format: 'boolean' },
  { name: 'url', field: 'url', label: 'Server', heading: ['Server'], format: 'text' },
  { name: 'user', field: 'user', label: 'User', heading: ['User'], format: 'text' },
  {
    name: 'login-by',
    field: 'login_by',
    label: 'Logs In By',
    heading: ['Logs In By'],
    format: 'keyword',
    words: { asked_password: 'password, asked for', kept_password: 'password, kept' },
  },
  {
    name: 'trust',
    field: 'trust',
    label: 'Server Is Known By',
    heading: ['Server Is', 'Known By'],
    format: 'keyword',
    words: {
      system: "this system's authorities",
      authorities: 'authorities of its own',
      certificate: 'its certificate',
    },
  },
  { name: 'fingerprint', field: 'fingerprint', label: 'SHA-256 Fingerprint', format: 'text' },
  { name: 'file', field: 'file', label: 'File', format: 'text' },
];

const nameOf = (help: string): Parameter => ({
  name: 'profile',
  value: { kind: 'text', placeholder: 'NAME' },
  help,
  isPositional: true,
});

/** `profile show`. */
export const show: Command = {
  description: [
    'Shows the profiles that "login" made: of which server, as whom, and how the server is known again. Passwords are never shown.',
  ],
  parameters: [
    nameOf('Only this one'),
    { name: 'instance', value: { kind: 'switch' }, help: 'Show everything of each, one below the other' },
    {
      name: 'fields',
      value: { kind: 'list', placeholder: 'FIELD', choices: columns.map(({ name }) => name) },
      help: 'Show these, beside the name',
    },
    watchParameter,
    ...globalParameters.filter(({ name }) => ['json', 'yaml', 'csv', 'no-color'].includes(name)),
  ],
  examples: [
    { line: 'profile show', explains: 'All of them' },
    { line: 'profile show lab -instance', explains: 'All of one, its fingerprint too' },
  ],
  isLocal: true,
  run: async (given, { environment, output, terminal }) => {
    const profiles = new Profiles(environment);
    const one = given.text('profile');
    const { records, broken } =
      one === undefined
        ? allRecords(profiles)
        : { records: [recordOf(one, existing(one, profiles), profiles)], broken: [] };
    for (const { message } of broken) terminal.note(`${printable(message)}\n`);
    await output.list({
      columns,
      records,
      ...(given.has('fields') && { fields: given.list('fields') }),
      ...(one !== undefined && { isFiltered: true }),
    });
    return broken.length === 0 ? exitStatus.done : exitStatus.failed;
  },
};

/** `profile use`. */
export const use: Command = {
  description: [
    'Chooses the profile that commands take unless -profile, -url or ESPLANADE_URL say otherwise.',
  ],
  parameters: [{ ...nameOf('Profile to use'), isRequired: true }],
  examples: [{ line: 'profile use lab', explains: 'From now on commands go to the server of this profile' }],
  isLocal: true,
  run: async (given, { environment, output }) => {
    const profiles = new Profiles(environment);
    const name = nameIn(given);
    const { url, user } = existing(name, profiles);
    profiles.use(name);
    output.say(`Profile "${name}" is in use: ${user} at ${url}.`);
    return exitStatus.done;
  },
};

/** `profile delete`. */
export const remove: Command = {
  description: [
    'Forgets a profile: its server, how that is known, and the password if it keeps one. Nothing changes on the server.',
  ],
  parameters: [{ ...nameOf('Profile to forget'), isRequired: true }],
  examples: [{ line: 'profile delete lab', explains: 'Forgets this server' }],
  isLocal: true,
  run: async (given, { environment, output }) => {
    const profiles = new Profiles(environment);
    const name = nameIn(given);
    if (!profiles.names().includes(name)) throw noProfile(name, profiles);
    const wasInUse = profiles.currentName() === name;
    profiles.delete(name);
    const others = profiles.names();
    const next = wasInUse && others.length > 0 ? ` None is in use now: ${choosing(others)}.` : '';
    output.say(`Profile "${name}" is forgotten.${next}`);
    return exitStatus.done;
  },
};

function nameIn(given: Arguments): string {
  return given.text('profile') ?? '';
}

function existing(name: string, profiles: Profiles): Profile {
  const profile = profiles.read(name);
  if (profile === undefined) throw noProfile(name, profiles);
  return profile;
}

/** Of all that can be read, and why others cannot. */
function allRecords(profiles: Profiles): {
  readonly records: readonly Readonly<Record<string, unknown>>[];
  readonly broken: readonly CommandError[];
} {
  const broken: CommandError[] = [];
  const records = profiles.names().flatMap((name) => {
    try {
      return [recordOf(name, existing(name, profiles), profiles)];
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      broken.push(error);
      return [];
    }
  });
  return { records, broken };
}

function recordOf(name: string, profile: Profile, profiles: Profiles): Readonly<Record<string, unknown>> {
  const { url, user, trust } = profile;
  return {
    name,
    in_use: name === profiles.currentName(),
    url,
    user,
    login_by: loginBy(profile),
    trust: trust.kind,
    ...(trust.kind === 'certificate' && { fingerprint: trust.fingerprint }),
    file: profiles.pathOf(name),
  };
}

function loginBy({ password, clientCertificate }: Profile): string {
  if (clientCertificate !== undefined) return 'certificate';
  return password === undefined ? 'asked_password' : 'kept_password';
}
