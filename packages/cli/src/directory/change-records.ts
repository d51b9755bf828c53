import type { Arguments, Command } from '../command.ts';
import type { Context } from '../context.ts';
import { CommandError, type ExitStatus, exitStatus } from '../exit-status.ts';
import { mayBeDone, sentenceOf, statusOf } from '../failure.ts';
import type { ApiRecord } from '../output/output.ts';
import { printable } from '../output/printable.ts';
import { misused } from '../parse.ts';
import type { Directory } from './directory.ts';
import { keysOf, namingKeysOf } from './keys.ts';
import { batchesOf } from './record-query.ts';
import { isScalar, memberOf } from './wire.ts';

/** What is done to records. */
export interface Change {
  /** `['modify', 'modified']`. */
  readonly verb: readonly [verb: string, participle: string];
  /** Does it to the records of one batch. `isAgain`: some may have got it already, in a request that failed. */
  readonly apply: (batch: readonly ApiRecord[], isAgain: boolean) => Promise<void>;
}

/** A change that is to be made, and what whoever typed it has said. */
export interface ChangeOrder {
  readonly directory: Directory;
  readonly command: Command;
  readonly change: Change;
  readonly given: Arguments;
}

/** Asks where it concerns several, does it to one after the other, and tells how far it got. */
export async function changeRecords(
  order: ChangeOrder,
  records: readonly ApiRecord[],
  context: Context,
): Promise<ExitStatus> {
  const { directory, change, given } = order;
  const isForced = given.text('force') === 'true';
  if (records.length > 1 && !isForced && !(await isConsented(order, records, context)))
    return exitStatus.failed;
  const [only] = records;
  const [, participle] = change.verb;
  if (records.length === 1 && only !== undefined) {
    await change.apply(records, false);
    context.output.say(`The ${directory.noun[0]} ${nameOf(directory, only)} was ${participle}.`);
    return exitStatus.done;
  }
  const outcome = await changeSeveral(order, records, context);
  context.terminal.note(clearedLine(context));
  const all = counted(directory, records.length);
  if (outcome.failure === undefined) {
    context.output.say(`${all} were ${participle}.`);
    return exitStatus.done;
  }
  const told = toldOf(outcome, records.length, all, participle);
  if (!context.signal.aborted) throw new CommandError(outcome.failure, told);
  context.terminal.note(`Interrupted: ${told}\n`);
  return exitStatus.interrupted;
}

/** What is sure, and what is not. */
function toldOf({ done, underWay, isUncertain }: Outcome, total: number, all: string, participle: string) {
  const rest = total - done - underWay;
  const were = (number: number) => (number === 1 ? 'was' : 'were');
  const parts = [
    `${underWay > 0 ? 'At least ' : ''}${done} of ${all} ${were(done)} ${participle}`,
    ...(underWay > 0 ? [`${underWay} may have been`] : []),
    ...(rest > 0 ? [`${rest} ${were(rest)} not`] : []),
  ];
  const doubt = isUncertain
    ? ` Some of these may have been ${participle} all the same: look before you repeat it.`
    : '';
  return `${parts.join(', ')}.${doubt}`;
}

interface Outcome {
  readonly done: number;
  /** How many were in the request that an interruption cut off: nobody knows of them. */
  readonly underWay: number;
  /** Of the first failure. */
  readonly failure: ExitStatus | undefined;
  /** Whether some of what failed may have been done all the same. */
  readonly isUncertain: boolean;
}

async function changeSeveral(
  { directory, command, change, given }: ChangeOrder,
  records: readonly ApiRecord[],
  context: Context,
): Promise<Outcome> {
  const isContinued = given.text('continue-on-failure') === 'true';
  const work = batchesOf(directory, records)
    .map((batch) => ({ batch, isAgain: false }))
    .reverse();
  let done = 0;
  let failure: ExitStatus | undefined;
  let isUncertain = false;
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    if (context.signal.aborted) return { done, underWay: 0, failure: exitStatus.interrupted, isUncertain };
    const { batch, isAgain } = next;
    const [first] = batch;
    try {
      await change.apply(batch, isAgain);
      done += batch.length;
    } catch (error) {
      if (context.signal.aborted)
        return { done, underWay: batch.length, failure: exitStatus.interrupted, isUncertain };
      isUncertain ||= mayBeDone(error);
      if (batch.length > 1) {
        // One by one it comes out which of them it is.
        work.push(...batch.map((record) => ({ batch: [record], isAgain: true })).reverse());
        continue;
      }
      failure ??= statusOf(error);
      const sentence = await sentenceOf(error, { path: directory.words, command });
      const told = `${first === undefined ? '' : nameOf(directory, first)}: ${sentence}`
        .split('\n')
        .map(printable);
      context.terminal.note(`${clearedLine(context)}${told.join('\n')}\n`);
      if (!isContinued) break;
    }
    showProgress(`${done} of ${counted(directory, records.length)} ${change.verb[1]}`, context);
  }
  return { done, underWay: 0, failure, isUncertain };
}

async function isConsented(
  { directory, change }: ChangeOrder,
  records: readonly ApiRecord[],
  { terminal, signal }: Context,
): Promise<boolean> {
  const [verb, participle] = change.verb;
  const match = `${counted(directory, records.length)} match`;
  if (!terminal.canAsk) throw misused(`${match}: give -force to ${verb} all of them.`);
  const lines = records.slice(0, mostNamed).map((record) => keyText(directory, record));
  const others = records.length - lines.length;
  const named = [`${match}:`, ...lines, ...(others > 0 ? [`… and ${others} more`] : [])];
  terminal.note(`${named.map(printable).join('\n  ')}\n`);
  const answer = await terminal.ask(`Do you want to ${verb} all of them? {y|n}: `, signal);
  const isYes = /^y(es)?$/i.test(answer.trim());
  if (!isYes) terminal.note(`Nothing was ${participle}.\n`);
  return isYes;
}

/** So many are named before a question: enough to see what a query has caught. */
const mostNamed = 10;

/** `svm1 nfs`: what names it, as it may be typed. */
function keyText(directory: Directory, record: ApiRecord): string {
  return keysOf(directory)
    .map(({ field, words }) => {
      const value = memberOf(record, field);
      return isScalar(value) ? (words?.[String(value)] ?? String(value)) : '-';
    })
    .join(' ');
}

function counted({ noun }: Directory, number: number): string {
  return `${number} ${noun[number === 1 ? 0 : 1]}`;
}

function nameOf(directory: Directory, record: ApiRecord): string {
  const names = namingKeysOf(directory).flatMap(({ field, words }) => {
    const value = memberOf(record, field);
    return isScalar(value) ? [words?.[String(value)] ?? String(value)] : [];
  });
  return `"${names.at(-1) ?? ''}"`;
}

function showProgress(text: string, { terminal }: Context): void {
  if (terminal.canAsk) terminal.note(`\r\x1b[K${text}`);
}

function clearedLine({ terminal }: Context): string {
  return terminal.canAsk ? '\r\x1b[K' : '';
}
