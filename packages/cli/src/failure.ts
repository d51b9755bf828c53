import {
  ApiError,
  ConflictError,
  ConnectionError,
  ForbiddenError,
  InvalidRequestError,
  NotFoundError,
  PreconditionFailedError,
  UnauthorizedError,
  UnavailableError,
  UnconfirmedError,
  UnexpectedAnswerError,
} from '@esplanade/sdk';
import type { Parameter } from './command.ts';
import { CommandError, type ExitStatus, exitStatus, InterruptedError } from './exit-status.ts';
import { printable } from './output/printable.ts';
import { UnknownParameterError } from './parse.ts';
import { UnknownNameError } from './unknown-name-error.ts';
import type { Progress, World } from './world.ts';

/** For what a server says, which is not to look like lines of ours. */
const inOneLine = printable;

/** Tells on the terminal why it could not be done, and gives the status to end with. */
export async function tellFailure(error: unknown, progress: Progress, world: World): Promise<ExitStatus> {
  const { terminal, signal } = world;
  // Whoever pressed Ctrl-C knows why it ends.
  if (signal.aborted || error instanceof InterruptedError) return exitStatus.interrupted;
  const sentence = `esplanade: ${await sentenceOf(error, progress)}`;
  const lines = sentence.split('\n').map((line) => `${printable(line)}\n`);
  terminal.note((terminal.canAsk ? await readable(lines, terminal.columns) : lines).join(''));
  return statusOf(error);
}

/** For people, broken between words; scripts that look for a sentence find it whole. */
async function readable(lines: readonly string[], columns: number): Promise<readonly string[]> {
  if (lines.every(({ length }) => length <= columns)) return lines;
  const { wrap } = await import('./help-text.ts');
  return lines.map((line) => wrap(line.trimEnd(), columns));
}

/** What a failure comes to; docs/cli.md has the table. */
export function statusOf(error: unknown): ExitStatus {
  if (error instanceof CommandError) return error.status;
  if (error instanceof ConnectionError) return exitStatus.notReached;
  if (error instanceof UnexpectedAnswerError && isGatewayStatus(error.status)) return exitStatus.unavailable;
  if (!(error instanceof ApiError)) return exitStatus.failed;
  return statusOfRefusal(error);
}

/** What stands before a server says this in its own words while that is away. */
function isGatewayStatus(status: number): boolean {
  return status === 502 || status === 503 || status === 504;
}

/** By its class, which is that of its code where the status of the answer tells nothing. */
function statusOfRefusal(error: ApiError): ExitStatus {
  if (error instanceof UnauthorizedError || error instanceof ForbiddenError) return exitStatus.notAllowed;
  if (error instanceof NotFoundError) return exitStatus.notFound;
  if (error instanceof ConflictError || error instanceof PreconditionFailedError) return exitStatus.conflict;
  if (error instanceof UnavailableError || isGatewayStatus(error.status)) return exitStatus.unavailable;
  const isInvalid = error instanceof InvalidRequestError || error.status === 405 || error.status === 413;
  return isInvalid ? exitStatus.invalid : exitStatus.failed;
}

/** Whether it was a change that may have been carried out all the same. */
export function mayBeDone(error: unknown): boolean {
  return (
    (error instanceof ConnectionError ||
      error instanceof ApiError ||
      error instanceof UnexpectedAnswerError) &&
    error.mayBeDone
  );
}

/**
 * What whoever typed the command reads: the server's own sentence and code, with parameters named as they are typed, and
 * whether it may be done all the same.
 */
export async function sentenceOf(error: unknown, progress: Progress): Promise<string> {
  const sentence = await whyNot(error, progress);
  if (!mayBeDone(error)) return sentence;
  const isDone = error instanceof UnconfirmedError && error.isDone;
  return `${sentence} ${isDone ? 'Look' : 'It may have been done all the same: look'} before you repeat it.`;
}

async function whyNot(error: unknown, progress: Progress): Promise<string> {
  if (error instanceof UnknownParameterError) return unknownParameter(error, progress.path);
  if (error instanceof UnknownNameError)
    return `${error.message}${await meant(error.typed, error.candidates)}`;
  if (error instanceof CommandError) return error.message;
  // With what to do about it, in lines of ours.
  if (error instanceof ConnectionError)
    return error.cause instanceof CommandError ? error.message : inOneLine(error.message);
  if (error instanceof UnexpectedAnswerError) return unexpected(error);
  if (error instanceof ForbiddenError) {
    const { AccessRefusedError } = await import('./connection/access-refused.ts');
    const sentence = await answered(error, progress);
    return error instanceof AccessRefusedError ? `${sentence}\n${inOneLine(error.advice)}` : sentence;
  }
  if (error instanceof ApiError) return answered(error, progress);
  // A defect of ours: its stack helps whoever reports it.
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** ONTAP's code for a path that there is not. */
const notThere = '3';

async function answered(error: ApiError, progress: Progress): Promise<string> {
  const { command } = progress;
  const { code, target = '' } = error;
  // Of a record that a query found: `svm1/nfs.protocols`, and `svm1/nfs: …`.
  const [, record, field = target] = /^(.+\/.*)\.([^.]+)$/.exec(target) ?? [];
  const message = inOneLine(
    record !== undefined && error.message.startsWith(`${record}: `)
      ? error.message.slice(record.length + 2)
      : error.message,
  );
  const parameter = command?.parameters.find((each) => each.target === field);
  // The end of a path was not typed, but looked up.
  const isTyped =
    parameter !== undefined && (field !== 'uuid' || progress.given?.has(parameter.name) === true);
  const wait =
    error instanceof UnavailableError && error.retryAfterSeconds !== undefined
      ? ` Try again in ${error.retryAfterSeconds} s.`
      : '';
  const unknown = unknownMember(error);
  const lacking = command?.parameters.find((each) => each.target !== undefined && each.target === unknown);
  const isOlder = code === notThere || lacking !== undefined;
  const advice = isOlder ? ' This release of the server does not have it.' : wait;
  const forced = command?.parameters.find((each) => each.target === 'force');
  const unforced = forced === undefined ? message : message.replace('?force=true', `-${forced.name}`);
  const plain = lacking === undefined ? unforced : unforced.replace(`"${unknown}"`, `"${lacking.name}"`);
  const { inWordsOfCommands } = await import('./words-of-commands.ts');
  const sentence =
    code === taken
      ? alreadyThere(plain, parameter, progress)
      : inWordsOfCommands(plain, command?.parameters ?? []);
  // Some begin with the member.
  const where = isTyped && !sentence.startsWith(`-${parameter.name} `) ? `-${parameter.name}: ` : '';
  const said = code === '' ? '' : ` (ONTAP error ${inOneLine(code)})`;
  const near = isRefusedValue(error) && parameter !== undefined ? await nearName(parameter, progress) : '';
  return `${where}${sentence}${/[.!?]$/.test(sentence) ? '' : '.'}${near}${advice}${said}`;
}

/** The member of a body, or the field, that the server says there is none of; undefined where it says something else. */
function unknownMember({ code, target, message }: ApiError): string | undefined {
  if (code === '262179') return /^Unexpected argument "([^"]+)"/.exec(message)?.[1];
  if (code !== '262197' || target !== 'fields') return undefined;
  return /^The value "([^"]+)" is invalid for field "fields"/.exec(message)?.[1];
}

/** ONTAP's code for a name that another record has, which it says in two words. */
const taken = '1';

function alreadyThere(message: string, parameter: Parameter | undefined, { given }: Progress): string {
  const typed = parameter && given?.text(parameter.name);
  return typed === undefined || message !== 'duplicate entry' ? message : `There is "${typed}" already`;
}

function isRefusedValue(error: ApiError): boolean {
  return error instanceof InvalidRequestError || error instanceof NotFoundError;
}

/** For a value that is none of those that the server has: the nearest of these. */
async function nearName({ name, source, target }: Parameter, { given, api }: Progress): Promise<string> {
  if (source === undefined || given === undefined || api === undefined) return '';
  // The name of a new record is to be like none.
  if (target === 'name') return '';
  const { knownNames } = await import('./known-names.ts');
  const names = await knownNames(await api(), source).catch((error): readonly string[] => {
    // Who may not read them, or is cut off now, is told of the first failure all the same.
    if (
      error instanceof ApiError ||
      error instanceof ConnectionError ||
      error instanceof UnexpectedAnswerError
    )
      return [];
    throw error;
  });
  const unknown = given.list(name).find((text) => !names.includes(text));
  return unknown === undefined ? '' : meant(unknown, names);
}

async function meant(typed: string, candidates: readonly string[]): Promise<string> {
  const { nearest } = await import('./suggest.ts');
  const near = nearest(typed, candidates);
  return near === undefined ? '' : ` Did you mean "${near}"?`;
}

function unexpected({ message, status }: UnexpectedAnswerError): string {
  const advice = isGatewayStatus(status)
    ? 'Something in front of the server says that it is away.'
    : 'Is this URL that of Esplanade, or of an ONTAP?';
  return `${inOneLine(message)}. ${advice}`;
}

async function unknownParameter(error: UnknownParameterError, path: readonly string[]): Promise<string> {
  const { nearest } = await import('./suggest.ts');
  const near = nearest(error.parameter, error.candidates);
  const advice =
    near === undefined
      ? `"${['esplanade', ...path].join(' ')} --help" tells which there are.`
      : `Did you mean -${near}?`;
  return `${error.message} ${advice}`;
}
