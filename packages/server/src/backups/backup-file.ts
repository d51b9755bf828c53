import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { BackupError } from './backup-error.ts';

/** What a backup says of itself. */
export interface BackupManifest {
  /** RFC 3339. */
  readonly madeAt: string;
  /** Of the Esplanade that made it. */
  readonly version: string;
  readonly schemaVersion: number;
  /** Of the newest commit in it. */
  readonly revision: number;
  /** What the key file must hold, all of it, for the backup to be of use. */
  readonly keyIds: readonly string[];
  readonly databaseBytes: number;
  readonly databaseSha256: string;
}

/** A backup whose own checksums are right. */
export interface Backup {
  readonly path: string;
  readonly manifest: BackupManifest;
  /** The line of the manifest, and the same sealed: whoever has not the key cannot make one for another database. */
  readonly manifestText: string;
  readonly seal: string;
  /** Where the database begins. */
  readonly databaseOffset: number;
}

/** Says the form of the file; the checksum of the manifest and its seal follows. */
const format = 'esplanade-backup-1';
/** The manifest has some hundred bytes, and nine more for each key. */
const mostHeaderBytes = 65_536;

/**
 * Writes a backup of a database file: a line with the form and the SHA-256 of the next two lines; the manifest as JSON; the
 * manifest sealed; the database. Durable when it resolves; `path` must not be there.
 */
export async function writeBackup(
  path: string,
  databasePath: string,
  facts: Omit<BackupManifest, 'databaseBytes' | 'databaseSha256'>,
  seal: (manifestText: string) => string,
): Promise<void> {
  const manifest: BackupManifest = { ...facts, ...(await digestOf(databasePath, 0)) };
  const manifestText = JSON.stringify(manifest);
  const described = `${manifestText}\n${seal(manifestText)}\n`;
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(`${format} ${sha256(described)}\n${described}`);
    await file.appendFile(createReadStream(databasePath));
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Reads a backup through and compares its checksums. Throws BackupError when it is none, or was damaged. */
export async function readBackup(path: string): Promise<Backup> {
  const { manifest, ...header } = await readHeader(path);
  const { databaseBytes, databaseSha256 } = await digestOf(path, header.databaseOffset);
  if (databaseBytes !== manifest.databaseBytes)
    throw new BackupError(
      `${path} is not whole: its database has ${databaseBytes} of ${manifest.databaseBytes} bytes`,
    );
  if (databaseSha256 !== manifest.databaseSha256)
    throw new BackupError(`${path} is damaged: its checksum is wrong`);
  return { path, manifest, ...header };
}

/** Takes the database out of a backup into a new private file, and compares the checksum of what is on the disk then. */
export async function extractDatabase(
  { path, manifest, databaseOffset }: Backup,
  into: string,
): Promise<void> {
  await pipeline(
    createReadStream(path, { start: databaseOffset }),
    createWriteStream(into, { flags: 'wx', mode: 0o600, flush: true }),
  );
  if ((await digestOf(into, 0)).databaseSha256 !== manifest.databaseSha256)
    throw new BackupError(`${into} is not what ${path} holds: the disk, or somebody, has changed it`);
}

async function readHeader(path: string): Promise<Omit<Backup, 'path'>> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(mostHeaderBytes), 0, mostHeaderBytes, 0);
    return parseHeader(path, buffer.subarray(0, bytesRead));
  } catch (cause) {
    if (cause instanceof BackupError) throw cause;
    throw new BackupError(`cannot read the backup ${path}`, { cause });
  } finally {
    await file?.close();
  }
}

function parseHeader(path: string, bytes: Buffer): Omit<Backup, 'path'> {
  const [first = '', manifestText = '', seal = ''] = bytes.toString('latin1').split('\n', 3);
  const [form, checksum] = first.split(' ');
  if (form !== format)
    throw new BackupError(
      form !== undefined && /^esplanade-backup-[0-9]{1,9}$/.test(form)
        ? `${path} has the form ${form}, this program reads ${format}: use the Esplanade release that made it, or a newer one`
        : `${path} is no backup of Esplanade`,
    );
  const described = `${manifestText}\n${seal}\n`;
  if (checksum !== sha256(described))
    throw new BackupError(`${path} is damaged: the checksum of its head is wrong`);
  const manifest = parseManifest(manifestText);
  if (manifest === undefined)
    throw new BackupError(`${path} is no backup of Esplanade: its manifest is another's`);
  return { manifest, manifestText, seal, databaseOffset: first.length + 1 + described.length };
}

function parseManifest(text: string): BackupManifest | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isManifest(value) ? value : undefined;
  } catch (error) {
    // It quotes what it stumbles over, and anybody may have written that.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What is told to people has the form that `writeBackup` is given, so that a foreign file cannot say anything else. */
function isManifest(value: unknown): value is BackupManifest {
  if (typeof value !== 'object' || value === null) return false;
  const has = (name: keyof BackupManifest, isGood: (member: unknown) => boolean): boolean =>
    isGood(Object.getOwnPropertyDescriptor(value, name)?.value);
  return (
    has('madeAt', isOf(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)) &&
    has('version', isOf(/^[0-9A-Za-z.+-]{1,64}$/)) &&
    has('schemaVersion', isCount) &&
    has('revision', isCount) &&
    has('keyIds', (ids) => Array.isArray(ids) && ids.length > 0 && ids.every(isOf(/^[0-9a-f]{8}$/))) &&
    has('databaseBytes', isCount) &&
    has('databaseSha256', isOf(/^[0-9a-f]{64}$/))
  );
}

function isOf(form: RegExp): (value: unknown) => boolean {
  return (value) => typeof value === 'string' && form.test(value);
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

async function digestOf(
  path: string,
  start: number,
): Promise<Pick<BackupManifest, 'databaseBytes' | 'databaseSha256'>> {
  const hash = createHash('sha256');
  let databaseBytes = 0;
  for await (const chunk of createReadStream(path, { start })) {
    hash.update(chunk);
    databaseBytes += chunk.length;
  }
  return { databaseBytes, databaseSha256: hash.digest('hex') };
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'latin1').digest('hex');
}
