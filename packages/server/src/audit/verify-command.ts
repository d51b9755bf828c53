import { auditLogName, readKeyFile, SecretBox, verifyAudit } from '@esplanade/desired';
import type { LogMark } from '@esplanade/store';
import type { LocalCommand } from '../commands/local-command.ts';
import { offlineOptions, settingsOf } from '../commands/options.ts';
import { withToldFailures } from '../commands/told-failures.ts';
import { parseSharedConfig, type ServeConfig } from '../config.ts';
import { openReader, type StoreReader } from '../engines.ts';
import { UsageError } from '../settings.ts';
import { readAuditText } from './audit-entry.ts';

/** The audit log is not as it was written. The message says where, and what is wrong. */
export class AuditBrokenError extends Error {
  override readonly name = 'AuditBrokenError';
}

/** `esplanade audit verify`. */
export const verifyCommand: LocalCommand = {
  description: [
    'Looks whether the audit log is as it was written: no entry altered, removed, moved or put in, at neither end nor in between. Changes nothing. The server may run meanwhile; what is written after the start is not looked at. A restored backup is verified the same way. Exit status 0: it is whole; 1: it is not, or cannot be read.',
    'Whoever can write the database and has a former copy of it can put back all of it. That shows only by an entry noted elsewhere: each run tells the newest one, in the form of --mark. So does a mirror of the log.',
  ],
  options: [
    {
      name: 'mark',
      value: 'INDEX:LINK',
      help: 'also look whether this entry is still in the log; may be given several times',
      repeatable: true,
    },
    ...settingsOf(offlineOptions),
  ],
  examples: [
    { line: 'audit verify --data-dir /var/lib/esplanade/data', explains: 'Of the packaged server.' },
    {
      line: 'audit verify --data-dir /var/lib/esplanade/data --mark 1041:5f0c…',
      explains: 'Also whether the entry that a former run told is still there.',
    },
  ],
  run: ({ options }, { environment, print, progress }) =>
    withToldFailures(async () => {
      const { marks, rest } = takeMarks(options);
      const { config } = parseSharedConfig({ args: rest, environment }, offlineOptions);
      await progress('Reading the audit log');
      print(await verify(config, marks));
    }),
};

async function verify(config: ServeConfig, marks: readonly LogMark[]): Promise<string> {
  const store = openReader(config.dataDirectory);
  const secretBox = new SecretBox(await readKeyFile(config.keyFile));
  const verdict = await verifyAudit({ store, secretBox, marks });
  if (verdict.kind === 'broken')
    throw new AuditBrokenError(`the audit log is broken at entry ${verdict.index}: ${verdict.sentence}`);
  const { first, last, link } = verdict.head;
  const [from, to] = [await timeOf(store, first), await timeOf(store, last)];
  const gone = marks.filter(({ index }) => index < first).map(({ index }) => index);
  return [
    `The audit log is whole: ${counted(last - first + 1)}, ${first} (${from}) to ${last} (${to}).`,
    ...(first > 1 ? [`What was before it (${counted(first - 1)}) was trimmed.`] : []),
    ...(gone.length > 0
      ? [`Among them those of --mark ${gone.join(', ')}: nothing can be said of them.`]
      : []),
    `Its end: --mark ${last}:${Buffer.from(link).toString('hex')}`,
  ].join('\n');
}

function counted(entries: number): string {
  return entries === 1 ? '1 entry' : `${entries} entries`;
}

/** An entry may be trimmed as soon as it was verified. */
async function timeOf(store: StoreReader, index: number): Promise<string> {
  const [entry] = await store.readLog(auditLogName, { after: index - 1, before: index + 1, limit: 1 });
  return entry === undefined ? 'trimmed since' : readAuditText(entry.entry).timestamp;
}

function takeMarks(options: readonly string[]): {
  readonly marks: readonly LogMark[];
  readonly rest: readonly string[];
} {
  const beginning = '--mark=';
  const given = options.filter((option) => option.startsWith(beginning));
  return {
    marks: given.map((option) => parseMark(option.slice(beginning.length))),
    rest: options.filter((option) => !given.includes(option)),
  };
}

function parseMark(text: string): LogMark {
  const [, index, link] = /^([1-9][0-9]{0,14}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (index === undefined || link === undefined)
    throw new UsageError(`--mark: "${text}" is not INDEX:LINK, as a former run told it.`);
  return { index: Number(index), link: Uint8Array.from(Buffer.from(link, 'hex')) };
}
