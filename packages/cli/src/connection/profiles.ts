import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { baseDirectory } from '../base-directory.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { formatProfile, type Profile, parseProfile } from './profile.ts';

// An import would read all that the module exports, and so load what nobody uses here: it takes longer than all profiles.
const {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} = process.getBuiltinModule('node:fs');

const suffix = '.json';

/**
 * The profiles of this user: a file for each in `profiles/`, and `current-profile` with the name of the one in use, below
 * `$XDG_CONFIG_HOME/esplanade` (`~/.config/esplanade`). Files are 0600 in directories of 0700; what others may read or
 * replace is refused. A file is replaced as a whole, so that two commands at once leave one of both.
 */
export class Profiles {
  /** Undefined for a user without a home, who has no profiles. */
  readonly #base: string | undefined;

  constructor(environment: NodeJS.ProcessEnv) {
    const { XDG_CONFIG_HOME: chosen, HOME: home } = environment;
    this.#base = baseDirectory(chosen, home, '.config');
  }

  /** Names, in order. */
  names(): readonly string[] {
    if (this.#base === undefined || !this.#isThere(this.#folder)) return [];
    return readdirSync(this.#folder)
      .filter((file) => file.endsWith(suffix) && isProfileName(file.slice(0, -suffix.length)))
      .map((file) => file.slice(0, -suffix.length))
      .sort();
  }

  /** Name of the one in use; undefined when there is none. */
  currentName(): string | undefined {
    const name = this.#base === undefined ? undefined : this.#read(this.#current)?.trim();
    return name !== undefined && isProfileName(name) ? name : undefined;
  }

  /** Undefined when there is none of that name. Throws a CommandError when others may read it, or it is no profile. */
  read(name: string): Profile | undefined {
    if (this.#base === undefined || !isProfileName(name)) return undefined;
    const path = this.pathOf(name);
    const text = this.#read(path);
    if (text === undefined) return undefined;
    const profile = parseProfile(text);
    if (profile === undefined)
      throw new CommandError(
        exitStatus.failed,
        `${path} holds no profile: "esplanade profile delete ${name}" forgets it, then log in anew.`,
      );
    return profile;
  }

  /** Keeps it in the place of one of the same name. */
  write(name: string, profile: Profile): void {
    this.#write(this.pathOf(name), formatProfile(profile));
  }

  /** Makes it the one in use. */
  use(name: string): void {
    this.#write(this.#current, `${name}\n`);
  }

  /** Takes it away; if it was in use, none is. */
  delete(name: string): void {
    const isCurrent = this.currentName() === name;
    onDisk(() => {
      if (isCurrent) rmSync(this.#current, { force: true });
      rmSync(this.pathOf(name), { force: true });
    });
  }

  /** The file it is kept in. Throws a CommandError for a user without a home. */
  pathOf(name: string): string {
    return join(this.#folder, `${name}${suffix}`);
  }

  get #directory(): string {
    if (this.#base === undefined)
      throw new CommandError(
        exitStatus.failed,
        'Profiles cannot be kept: this user has no home. Set HOME or XDG_CONFIG_HOME.',
      );
    return join(this.#base, 'esplanade');
  }

  get #folder(): string {
    return join(this.#directory, 'profiles');
  }

  get #current(): string {
    return join(this.#directory, 'current-profile');
  }

  #isThere(directory: string): boolean {
    const stats = existing(directory);
    if (stats !== undefined) refuseOthers(directory, stats);
    return stats !== undefined;
  }

  #read(path: string): string | undefined {
    if (!this.#isThere(this.#directory) || !this.#isThere(this.#folder)) return undefined;
    if (existing(path) === undefined) return undefined;
    // Of a pipe in its place nobody may ever write the other end.
    const file = onDisk(() => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
    try {
      const stats = fstatSync(file);
      if (!stats.isFile()) throw new CommandError(exitStatus.failed, `${path} is no file.`);
      refuseOthers(path, stats);
      return onDisk(() => readFileSync(file, 'utf8'));
    } finally {
      closeSync(file);
    }
  }

  #write(path: string, text: string): void {
    withUmask(0o077, () => {
      for (const directory of [this.#directory, this.#folder]) {
        onDisk(() => mkdirSync(directory, { recursive: true, mode: 0o700 }));
        refuseOthers(directory, statSync(directory));
      }
      // Of a link it is what it leads to that is replaced.
      const kept = existing(path) === undefined ? path : realpathSync(path);
      onDisk(() => replaceFile(kept, text));
    });
  }
}

/** What is known of a file or directory that is there. What nobody may look at is not taken for absent. */
function existing(path: string): Stats | undefined {
  return onDisk(() => statSync(path, { throwIfNoEntry: false }));
}

/** Some umask may keep what is made from its owner too. */
function withUmask(mask: number, work: () => void): void {
  const before = process.umask(mask);
  try {
    work();
  } finally {
    process.umask(before);
  }
}

function replaceFile(path: string, text: string): void {
  const unfinished = `${path}.${process.pid}`;
  rmSync(unfinished, { force: true });
  try {
    const file = openSync(unfinished, 'wx', 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

/** What a disk or a directory refuses is told in a sentence. */
function onDisk<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CommandError(exitStatus.failed, `Profiles cannot be read or kept: ${reason}.`, { cause });
  }
}

/** Whether a profile may have this name; it becomes the name of a file. */
export function isProfileName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name);
}

/** The name that the profile of a server has unless another is given: `cluster1`, `127.0.0.1-8443`. */
export function profileNameOf(url: URL): string {
  return url.host
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64);
}

function refuseOthers(path: string, { mode, uid }: Stats): void {
  const own = process.getuid?.() ?? uid;
  if (uid !== own && uid !== 0)
    throw new CommandError(exitStatus.failed, `${path} belongs to another user, so it is not believed.`);
  if ((mode & 0o077) !== 0)
    throw new CommandError(
      exitStatus.failed,
      `Others may read or change ${path}: chmod go= ${path}, and change the passwords that are kept there.`,
    );
}
