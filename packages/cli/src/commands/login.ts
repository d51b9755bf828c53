import { resolve } from 'node:path';
import type { Arguments, Command } from '../command.ts';
import {
  accountOf,
  type ClientCertificateFiles,
  readClientCertificate,
} from '../connection/client-certificate.ts';
import {
  checkedUserName,
  environmentFor,
  isInsecure,
  isPasswordOfEnvironment,
  isSameServer,
  passwordOfEnvironment,
  passwordOfOthers,
  profileInUse,
} from '../connection/connection-choice.ts';
import { isYes, trustServer } from '../connection/first-trust.ts';
import { connectAs } from '../connection/index.ts';
import { greet } from '../connection/log-in.ts';
import type { Profile } from '../connection/profile.ts';
import { isProfileName, Profiles, profileNameOf } from '../connection/profiles.ts';
import { isLoopback, parseServerUrl, urlText, usualServer } from '../connection/server-url.ts';
import { parseTimeout } from '../connection/timeout.ts';
import type { Context } from '../context.ts';
import { CommandError, type ExitStatus, exitStatus } from '../exit-status.ts';
import { warnOfReaders } from '../secret-file.ts';

/** `login`. */
export const login: Command = {
  description: [
    'Makes a profile: which server, how its certificate is known again, and as whom to ask. Commands after it need no flags. Who logs in is checked before anything is kept.',
    'A certificate that an authority of this system vouches for is believed. Any other is shown with its SHA-256 fingerprint, and known again by it once you agree; when it changes later, nothing is sent until you have logged in anew and agreed again, also where an authority vouches for the new one. Scripts give -fingerprint or -ca-file. What ESPLANADE_INSECURE has believed unseen is not kept, and takes no place of a certificate that is known.',
    'Profiles are files that only you can read, below ~/.config/esplanade. The password is kept in one only if you say so; otherwise it is asked for, or taken from ESPLANADE_PASSWORD. It never stands on a command line. The first one, of admin, the server has put into DATA_DIR/admin-password.',
  ],
  parameters: [
    {
      name: 'url',
      value: { kind: 'text', placeholder: 'URL' },
      help: 'Server, with https:// or without',
      isPositional: true,
      fallback: `that of the profile, ESPLANADE_URL, or ${usualServer}`,
    },
    {
      name: 'profile',
      value: { kind: 'text', placeholder: 'NAME' },
      help: 'Name of the profile',
      fallback: 'the name of the server',
    },
    {
      name: 'user',
      value: { kind: 'text', placeholder: 'NAME' },
      help: 'Account',
      fallback: 'asked for; admin in scripts',
    },
    { name: 'password', value: { kind: 'secret' }, help: 'Password of the account' },
    {
      name: 'save-password',
      value: { kind: 'boolean' },
      help: 'Whether the password is kept in the profile',
      fallback: 'asked for; false in scripts',
    },
    {
      name: 'fingerprint',
      value: { kind: 'text', placeholder: 'SHA-256' },
      help: 'What the certificate of the server must have; it is then trusted without a question',
    },
    {
      name: 'ca-file',
      value: { kind: 'file', placeholder: 'FILE' },
      help: 'Certificates of authorities, in PEM, that may vouch for the server, and no others',
    },
    {
      name: 'client-certificate',
      value: { kind: 'text', placeholder: 'FILE' },
      help: 'Certificate, in PEM, to log in with instead of a password; its file must stay where it is',
    },
    {
      name: 'client-key',
      value: { kind: 'text', placeholder: 'FILE' },
      help: 'Private key of the client certificate, in PEM',
    },
    {
      name: 'timeout',
      value: { kind: 'integer', placeholder: 'SECONDS' },
      help: 'How long the server may take',
    },
  ],
  examples: [
    { line: 'login', explains: `To the server on this machine, ${usualServer}` },
    { line: 'login https://cluster1.example.com -user alice', explains: 'To another one, as alice' },
    {
      line: 'login cluster1:8443 -profile lab -ca-file tls.crt -password-file password -save-password true',
      explains: 'In a script, with the certificate that the server made for itself',
    },
  ],
  isLocal: true,
  run,
};

async function run(given: Arguments, context: Context): Promise<ExitStatus> {
  const { environment, terminal, signal, output } = context;
  const profiles = new Profiles(environment);
  const { url, name, known } = chooseProfile(given, environment, profiles);
  const path = profiles.pathOf(name);
  const timeouts = parseTimeout(given);
  const clientCertificate = clientCertificateOf(given);
  const certified =
    clientCertificate && (accountOf(readClientCertificate(clientCertificate, exitStatus.misused)) ?? '');
  if (clientCertificate !== undefined) await warnOfReaders(clientCertificate.privateKey, terminal);
  const trust = await trustServer(
    {
      url,
      profile: given.text('profile'),
      fingerprint: given.text('fingerprint'),
      authorities: given.text('ca-file'),
      known: known?.trust,
      isUnseen: isInsecure(environment),
      connectTimeoutMs: timeouts.connectTimeoutMs,
      environment,
    },
    terminal,
    signal,
  );
  const user = certified ?? (await userOf(given, context, url, known));
  const password = clientCertificate === undefined ? await passwordOf(given, context, url, user) : undefined;
  const { name: cluster, version } = await greet(
    await connectAs({
      url,
      user,
      password,
      trust: trust.now,
      clientCertificate,
      profile: name,
      ...timeouts,
      isOfEnvironment: isPasswordOfEnvironment(url, password, environment),
      environment,
      signal,
    }),
  );
  const isKept = password !== undefined && (await isToBeKept(given, context, path));
  const profile: Profile = {
    url: urlText(url),
    user,
    ...(isKept && { password }),
    trust: trust.kept,
    ...(clientCertificate && { clientCertificate }),
  };
  profiles.write(name, profile);
  profiles.use(name);
  output.say(`Logged in to ${cluster ?? url.host} as ${user}.`);
  if (version !== undefined) output.say(`It is ${version}.`);
  output.say(`Profile "${name}" is in use: ${forPeople(path, environment)}`);
  if (password !== undefined && !isKept)
    output.say('The password is not kept: commands ask for it, or take it from ESPLANADE_PASSWORD.');
  return exitStatus.done;
}

interface ChosenProfile {
  readonly url: URL;
  readonly name: string;
  /** What was kept of this server under this name. */
  readonly known: Profile | undefined;
}

function chooseProfile(given: Arguments, environment: NodeJS.ProcessEnv, profiles: Profiles): ChosenProfile {
  const named = given.text('profile');
  if (named !== undefined && !isProfileName(named))
    throw new CommandError(
      exitStatus.misused,
      `-profile takes up to 64 letters, digits, dots, dashes and underscores, not "${named}".`,
    );
  const isServerNamed = given.has('url') || Boolean(environment['ESPLANADE_URL']);
  const inUse = named === undefined ? profileInUse(profiles, !isServerNamed) : undefined;
  const existing = named ?? inUse?.name;
  const former = named === undefined ? inUse?.profile : profiles.read(named);
  const url = chosenUrl(given, environment, named, former);
  const isFormer = former !== undefined && isSameServer(url, new URL(former.url));
  if (named !== undefined && former !== undefined && !isFormer)
    throw new CommandError(
      exitStatus.conflict,
      `Profile "${named}" is of ${former.url}, and would be lost: give another name, or "esplanade profile delete ${named}" first.`,
    );
  const name = named ?? (isFormer && existing !== undefined ? existing : nameFor(url, profiles));
  return { url, name, known: name === existing ? former : profiles.read(name) };
}

/** That of the host; with a number behind it where the profile of another server has that. */
function nameFor(url: URL, profiles: Profiles): string {
  const first = profileNameOf(url);
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? first : `${first.slice(0, 56)}-${number}`;
    const taken = profiles.read(name);
    if (taken === undefined || isSameServer(url, new URL(taken.url))) return name;
  }
}

function chosenUrl(
  given: Arguments,
  environment: NodeJS.ProcessEnv,
  named: string | undefined,
  former: Profile | undefined,
): URL {
  const flag = given.text('url');
  if (flag !== undefined) return parseServerUrl(flag, 'The URL');
  if (named !== undefined && former !== undefined) return new URL(former.url);
  const server = environment['ESPLANADE_URL'] || undefined;
  if (server !== undefined) return parseServerUrl(server, 'ESPLANADE_URL');
  return new URL(former?.url ?? usualServer);
}

function clientCertificateOf(given: Arguments): ClientCertificateFiles | undefined {
  const certificate = given.text('client-certificate');
  const privateKey = given.text('client-key');
  if (certificate === undefined && privateKey === undefined) return undefined;
  if (certificate === undefined || privateKey === undefined)
    throw new CommandError(
      exitStatus.misused,
      '-client-certificate and -client-key are of use together only: give both.',
    );
  const beside = ['user', 'password', 'save-password'].find((name) => given.has(name));
  if (beside !== undefined)
    throw new CommandError(
      exitStatus.misused,
      `-client-certificate says who logs in, and by what: leave -${beside} out.`,
    );
  return { certificate: resolve(certificate), privateKey: resolve(privateKey) };
}

async function userOf(
  given: Arguments,
  { environment, terminal, signal }: Context,
  url: URL,
  known: Profile | undefined,
): Promise<string> {
  const chosen = given.text('user') ?? environmentFor(url, environment).user;
  if (chosen !== undefined) return checkedUserName(chosen);
  const usual = known?.user ?? 'admin';
  if (!terminal.canAsk) return usual;
  const answer = await terminal.ask(`User name [${usual}]: `, signal);
  return checkedUserName(answer.trim() || usual);
}

async function passwordOf(
  given: Arguments,
  { environment, terminal, signal }: Context,
  url: URL,
  user: string,
): Promise<string> {
  const password = given.text('password') ?? passwordOfEnvironment(url, user, environment);
  if (password !== undefined) return password;
  if (terminal.canAsk && user === 'admin' && isLoopback(url))
    terminal.note('The first password of admin is in DATA_DIR/admin-password of the server.\n');
  if (terminal.canAsk) return await terminal.askSecret(`Password of ${user} at ${url.host}: `, signal);
  const whose = passwordOfOthers(url, user, environment);
  throw new CommandError(
    exitStatus.misused,
    `Nobody can be asked for the password here: give -password-file FILE (- is standard input)${whose === undefined ? ', or set ESPLANADE_PASSWORD' : `; ${whose}`}.`,
  );
}

async function isToBeKept(
  given: Arguments,
  { environment, terminal, signal }: Context,
  path: string,
): Promise<boolean> {
  const said = given.text('save-password');
  if (said !== undefined || !terminal.canAsk) return said === 'true';
  const question = `Keep the password in ${forPeople(path, environment)}, which only you can read? [y/N] `;
  return isYes(await terminal.ask(question, signal));
}

/** A path as it is written in a home. */
function forPeople(path: string, { HOME: home = '' }: NodeJS.ProcessEnv): string {
  return home !== '' && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
