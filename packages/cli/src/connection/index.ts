import { type Api, type ConnectOptions, connect } from '@esplanade/sdk';
import { nodeTransport, type ServerTrust } from '@esplanade/sdk/node';
import type { Arguments } from '../command.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import type { Terminal } from '../terminal.ts';
import {
  type ConnectionChoice,
  chooseConnection,
  isPasswordOfEnvironment,
  passwordOfOthers,
} from './connection-choice.ts';
import { explainingTransport } from './explaining-transport.ts';
import type { Profile } from './profile.ts';
import { Profiles } from './profiles.ts';
import { parseTimeout, type Timeouts } from './timeout.ts';
import { tellingOfWait, type WaitingLine, waitingLine } from './waiting.ts';

/**
 * The API that flags, environment and profile name; asks for the password where none of them has it and somebody can
 * answer. Throws a CommandError that says what to do otherwise. Nothing is sent yet.
 */
export async function openConnection(
  given: Arguments,
  environment: NodeJS.ProcessEnv,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Api> {
  const choice = chooseConnection(given, environment, new Profiles(environment));
  const timeout = parseTimeout(given);
  const credentials =
    choice.clientCertificate === undefined
      ? { password: choice.password ?? (await askPassword(choice, environment, terminal, signal)) }
      : { clientCertificate: choice.clientCertificate };
  const isOfEnvironment = isPasswordOfEnvironment(choice.url, choice.password, environment);
  const line = waitingLine(terminal);
  return connectAs({ ...choice, ...credentials, ...timeout, isOfEnvironment, environment, line, signal });
}

/** A server that is known, and who asks it. */
export interface ConnectionRequest extends Timeouts {
  readonly url: URL;
  readonly user: string;
  readonly trust: ServerTrust;
  readonly password?: string | undefined;
  /** Then the password is of no use. */
  readonly clientCertificate?: Profile['clientCertificate'] | undefined;
  /** Name of the profile that this is from. */
  readonly profile: string | undefined;
  /** Whether the password is that of `ESPLANADE_PASSWORD`. */
  readonly isOfEnvironment?: boolean;
  /** Names the proxy, if there is one. */
  readonly environment: NodeJS.ProcessEnv;
  /** Tells what is waited for: a job, or a server that is long in answering. */
  readonly line?: WaitingLine;
  readonly signal: AbortSignal;
}

/** The API of a server. Throws a CommandError when the files of a client certificate cannot be used. */
export async function connectAs(request: ConnectionRequest): Promise<Api> {
  const {
    url,
    user,
    password,
    trust,
    clientCertificate,
    profile,
    isOfEnvironment,
    environment,
    line,
    signal,
    ...timeouts
  } = request;
  const pair =
    clientCertificate &&
    (await import('./client-certificate.ts')).readClientCertificate(clientCertificate, exitStatus.failed);
  const transport = nodeTransport({
    trust,
    proxyEnv: environment,
    connectTimeoutMs: timeouts.connectTimeoutMs,
    answerTimeoutMs: timeouts.answerTimeoutMs,
    ...(pair && { clientCertificate: pair }),
  });
  return connect({
    url,
    ...(clientCertificate === undefined && { user, ...(password !== undefined && { password }) }),
    transport: explainingTransport(
      line === undefined ? transport : tellingOfWait(transport, url.host, line),
      {
        url,
        user,
        profile,
        isOfEnvironment,
        isByCertificate: clientCertificate !== undefined,
      },
    ),
    jobTimeoutMs: timeouts.jobTimeoutMs,
    onJob: line && jobNotes(line),
    signal,
  });
}

async function askPassword(
  { user, url }: ConnectionChoice,
  environment: NodeJS.ProcessEnv,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<string> {
  if (!terminal.canAsk) {
    const whose = passwordOfOthers(url, user, environment);
    const advice =
      whose === undefined
        ? 'set ESPLANADE_PASSWORD, or keep one with "esplanade login"'
        : `${whose}. "esplanade login" keeps one`;
    throw new CommandError(
      exitStatus.notAllowed,
      `There is no password for ${user} at ${url.host}: ${advice}.`,
    );
  }
  return await terminal.askSecret(`Password of ${user} at ${url.host}: `, signal);
}

/** Tells which job is waited for. */
function jobNotes(line: WaitingLine): NonNullable<ConnectOptions['onJob']> {
  return (job) => {
    if (job === undefined) line.clear();
    else line.show(`Waiting for job ${job.uuid}, which is ${job.state}.`);
  };
}
