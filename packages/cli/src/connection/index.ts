import { readFileSync } from 'node:fs';
import { type Api, connect } from '@esplanade/sdk';
import { type ClientCertificate, nodeTransport } from '@esplanade/sdk/node';
import type { Arguments } from '../command.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import type { Terminal } from '../terminal.ts';
import { type ConnectionChoice, chooseConnection } from './connection-choice.ts';
import { explainingTransport } from './explaining-transport.ts';
import { Profiles } from './profiles.ts';
import { parseTimeout } from './timeout.ts';

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
      ? { user: choice.user, password: choice.password ?? (await askPassword(choice, terminal, signal)) }
      : {};
  const transport = nodeTransport({
    trust: choice.trust,
    ...timeout,
    ...(choice.clientCertificate && { clientCertificate: readPair(choice.clientCertificate) }),
  });
  return connect({
    url: choice.url,
    ...credentials,
    transport: explainingTransport(transport, choice),
    signal,
  });
}

async function askPassword(
  { user, url }: ConnectionChoice,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<string> {
  if (!terminal.canAsk)
    throw new CommandError(
      exitStatus.notAllowed,
      `There is no password for ${user} at ${url.host}: set ESPLANADE_PASSWORD, or keep one with "esplanade login".`,
    );
  return await terminal.askSecret(`Password of ${user} at ${url.host}: `, signal);
}

function readPair({
  certificate,
  privateKey,
}: {
  certificate: string;
  privateKey: string;
}): ClientCertificate {
  return { certificate: readFileSync(certificate, 'utf8'), privateKey: readFileSync(privateKey, 'utf8') };
}
