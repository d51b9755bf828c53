import type { Command } from '../command.ts';
import { noProfile } from '../connection/connection-choice.ts';
import { Profiles } from '../connection/profiles.ts';
import { CommandError, exitStatus } from '../exit-status.ts';

/** `logout`. */
export const logout: Command = {
  description: [
    'Forgets the password that a profile keeps, or the files of the certificate it logs in with. What is known of the server stays; "profile delete" forgets that too.',
  ],
  parameters: [
    {
      name: 'profile',
      value: { kind: 'text', placeholder: 'NAME' },
      help: 'Profile to forget the password of',
      isPositional: true,
      fallback: 'the one in use',
    },
  ],
  examples: [
    { line: 'logout', explains: 'Of the server in use' },
    { line: 'logout lab', explains: 'Of another one' },
  ],
  isLocal: true,
  run: async (given, { environment, output }) => {
    const profiles = new Profiles(environment);
    const name = given.text('profile') ?? profiles.currentName();
    if (name === undefined) throw new CommandError(exitStatus.notFound, 'No profile is in use.');
    const profile = profiles.read(name);
    if (profile === undefined) throw noProfile(name, profiles);
    const { password, clientCertificate, ...others } = profile;
    if (password === undefined && clientCertificate === undefined) {
      output.say(`Profile "${name}" keeps no password.`);
      return exitStatus.done;
    }
    profiles.write(name, others);
    output.say(`Profile "${name}" has forgotten how to log in as ${profile.user} to ${profile.url}.`);
    return exitStatus.done;
  },
};
