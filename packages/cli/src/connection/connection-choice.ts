import type { ServerTrust } from '@esplanade/sdk/node';
import type { Arguments } from '../command.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { UnknownNameError } from '../unknown-name-error.ts';
import type { Profile } from './profile.ts';
import type { Profiles } from './profiles.ts';
import { parseServerUrl, urlText } from './server-url.ts';

/** Which server, as whom: what flags, the environment and a profile come to. */
export interface ConnectionChoice {
  readonly url: URL;
  readonly user: string;
  /** Undefined when it has to be asked for. */
  readonly password: string | undefined;
  readonly trust: ServerTrust;
  /** Of a profile that logs in with a certificate. */
  readonly clientCertificate: Profile['clientCertificate'] | undefined;
  /** Name of the profile that any of this is from. */
  readonly profile: string | undefined;
}

/**
 * Flags go before the environment, and that before the profile. What belongs to a server goes to no other: a password or a
 * fingerprint of the profile counts only for the profile's server, and `ESPLANADE_PASSWORD` only for that of `ESPLANADE_URL`
 * where one is set. Throws a CommandError when no server is named.
 */
export function chooseConnection(
  given: Arguments,
  environment: NodeJS.ProcessEnv,
  profiles: Profiles,
): ConnectionChoice {
  const named = given.text('profile');
  if (named !== undefined && given.has('url'))
    throw new CommandError(exitStatus.misused, '-profile and -url name two servers: give one of them.');
  const isServerNamed = given.has('url') || Boolean(environment['ESPLANADE_URL']);
  const inUse = named === undefined ? profileInUse(profiles, !isServerNamed) : undefined;
  const name = named ?? inUse?.name;
  const profile = named === undefined ? inUse?.profile : profiles.read(named);
  if (named !== undefined && profile === undefined) throw noProfile(named, profiles);
  const url = chosenUrl(given, environment, named === undefined ? undefined : profile) ?? urlOf(profile);
  if (url === undefined) throw noServer(profiles.names());
  const known = profile !== undefined && isSameServer(url, new URL(profile.url)) ? profile : undefined;
  const { user: envUser, password: envPassword } = environmentFor(url, environment);
  const user = given.text('user') ?? envUser ?? known?.user ?? 'admin';
  const isKnownUser = known?.user === user;
  const clientCertificate = isKnownUser && envPassword === undefined ? known.clientCertificate : undefined;
  return {
    url,
    user: clientCertificate === undefined ? checkedUserName(user) : user,
    password: passwordOfEnvironment(url, user, environment) ?? (isKnownUser ? known.password : undefined),
    trust: isInsecure(environment) ? { kind: 'anyone' } : (known?.trust ?? { kind: 'system' }),
    clientCertificate,
    profile: known === undefined ? undefined : name,
  };
}

/**
 * The profile in use. Where the server is named without it, it is not needed, and none if it cannot be read: it is of another
 * server, most likely, and else asks for more than it would have.
 */
export function profileInUse(
  profiles: Profiles,
  isNeeded: boolean,
): { readonly name: string; readonly profile: Profile } | undefined {
  try {
    const name = profiles.currentName();
    const profile = name === undefined ? undefined : profiles.read(name);
    return name === undefined || profile === undefined ? undefined : { name, profile };
  } catch (error) {
    if (isNeeded || !(error instanceof CommandError)) throw error;
    return undefined;
  }
}

/** What the environment says of who asks that server. */
export function environmentFor(
  url: URL,
  environment: NodeJS.ProcessEnv,
): { readonly user: string | undefined; readonly password: string | undefined } {
  const server = environment['ESPLANADE_URL'] || undefined;
  if (server !== undefined && !isSameServer(url, parseServerUrl(server, 'ESPLANADE_URL')))
    return { user: undefined, password: undefined };
  const { ESPLANADE_USER: user, ESPLANADE_PASSWORD: password } = environment;
  // What Node puts for bytes that are none of UTF-8, so that different passwords would be the same.
  if (password?.includes('\ufffd') === true)
    throw new CommandError(exitStatus.misused, 'ESPLANADE_PASSWORD is not text in UTF-8.');
  return { user: user || undefined, password: password || undefined };
}

/**
 * The name, which a login by password can carry: it ends at the first colon there (RFC 7617, section 2), and what comes after it
 * would be taken for the beginning of the password. Throws a CommandError `misused` otherwise.
 */
export function checkedUserName(user: string): string {
  if (user === '') throw new CommandError(exitStatus.misused, 'A user name is not empty.');
  if (user.includes(':'))
    throw new CommandError(exitStatus.misused, `A user name has no colon in it, so "${user}" is none.`);
  return user;
}

/** `ESPLANADE_PASSWORD`, if it is that of this account of this server. */
export function passwordOfEnvironment(
  url: URL,
  user: string,
  environment: NodeJS.ProcessEnv,
): string | undefined {
  const { user: owner, password } = environmentFor(url, environment);
  return owner === undefined || owner === user ? password : undefined;
}

/** For people who have set `ESPLANADE_PASSWORD` and are told that there is no password: whose it is. */
export function passwordOfOthers(url: URL, user: string, environment: NodeJS.ProcessEnv): string | undefined {
  const { ESPLANADE_URL: server, ESPLANADE_USER: owner, ESPLANADE_PASSWORD: password } = environment;
  if (!password || passwordOfEnvironment(url, user, environment) !== undefined) return undefined;
  const [whose, variable] =
    environmentFor(url, environment).password === undefined
      ? [server, 'ESPLANADE_URL']
      : [owner, 'ESPLANADE_USER'];
  return `ESPLANADE_PASSWORD is that of ${whose}, as ${variable} says`;
}

/** Whether this password is the one that `ESPLANADE_PASSWORD` has for that server. */
export function isPasswordOfEnvironment(
  url: URL,
  password: string | undefined,
  environment: NodeJS.ProcessEnv,
): boolean {
  return password !== undefined && password === environmentFor(url, environment).password;
}

/** Whether `ESPLANADE_INSECURE` has certificates go unlooked at. */
export function isInsecure({ ESPLANADE_INSECURE: value = '' }: NodeJS.ProcessEnv): boolean {
  if (value === '1') return true;
  if (value === '' || value === '0') return false;
  throw new CommandError(exitStatus.misused, `ESPLANADE_INSECURE is 1 or not set, and not "${value}".`);
}

/** For a name that no profile has. */
export function noProfile(name: string, profiles: Profiles): CommandError {
  const names = profiles.names();
  const thereAre = names.length === 1 ? 'There is only' : 'There are';
  const sentence = `There is no profile "${name}". ${thereAre} ${names.join(', ') || 'none'}.`;
  return new UnknownNameError(exitStatus.notFound, sentence, name, names);
}

/** Whether what belongs to one may go to the other: behind one host, different paths may lead to different servers. */
export function isSameServer(one: URL, other: URL): boolean {
  return urlText(one) === urlText(other);
}

function chosenUrl(
  given: Arguments,
  environment: NodeJS.ProcessEnv,
  named: Profile | undefined,
): URL | undefined {
  const flag = given.text('url');
  if (flag !== undefined) return parseServerUrl(flag, '-url');
  if (named !== undefined) return new URL(named.url);
  const server = environment['ESPLANADE_URL'] || undefined;
  return server === undefined ? undefined : parseServerUrl(server, 'ESPLANADE_URL');
}

function urlOf(profile: Profile | undefined): URL | undefined {
  return profile === undefined ? undefined : new URL(profile.url);
}

function noServer(names: readonly string[]): CommandError {
  const sentence =
    names.length === 0
      ? 'Not logged in to any server. Run "esplanade login URL", or set ESPLANADE_URL and ESPLANADE_PASSWORD.'
      : `No profile is in use. ${choosing(names)}, and "esplanade login URL" makes another one.`;
  return new CommandError(exitStatus.notAllowed, sentence);
}

/** How one of these profiles comes into use. */
export function choosing(names: readonly string[]): string {
  const [first] = names;
  return names.length === 1
    ? `"esplanade profile use ${first}" chooses the only one`
    : `"esplanade profile use NAME" chooses one of ${names.join(', ')}`;
}
