import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { debianImage } from './debian-image.ts';

/** What a script in the machine left. */
export interface ScriptResult {
  readonly status: number;
  /** Standard output and standard error, as they came. */
  readonly output: string;
}

const binary = '/usr/bin/linux.uml';
const bootDeadlineMilliseconds = 120_000;
const scriptDeadlineMilliseconds = 220_000;

/**
 * A Debian with systemd, AppArmor and a kernel with ESP, in user-mode Linux, on a disk of its own that outlives a boot.
 * It shares `exchange` with the host.
 */
export class DebianMachine {
  /** A directory of the host; /run/exchange in the machine. */
  readonly exchange: string;
  readonly #image: string;
  #kernel: ChildProcess | undefined;
  #console: Writable | undefined;
  readonly #answers = new Map<string, () => void>();
  #orders = 0;
  #boots = 0;

  private constructor(image: string, exchange: string) {
    this.#image = image;
    this.exchange = exchange;
  }

  /** Boots a new machine. */
  static async start(): Promise<DebianMachine> {
    if (!existsSync(binary))
      throw new Error(`${binary} is missing: as root, apt-get install user-mode-linux (on amd64 and i386)`);
    const image = await debianImage();
    const machine = new DebianMachine(image, await mkdtemp(join(tmpdir(), 'esplanade-machine-')));
    await machine.#boot();
    return machine;
  }

  /** Runs a shell script (`sh -eu`) as root to its end. Throws with what it said when its status is not 0. */
  async run(script: string): Promise<string> {
    const { status, output } = await this.attempt(script);
    if (status !== 0) throw new Error(`status ${status} of\n${script}\n${output}`);
    return output.trimEnd();
  }

  /** The same; any status is an answer. */
  async attempt(script: string): Promise<ScriptResult> {
    this.#orders += 1;
    const file = join(this.exchange, String(this.#orders));
    await writeFile(`${file}.sh`, script);
    const answer = this.#heard(`done ${this.#orders}`);
    this.#console?.write(`${this.#orders}\n`);
    await Promise.race([answer, delay(scriptDeadlineMilliseconds, undefined, { ref: false })]);
    if (!existsSync(`${file}.status`)) {
      const said = await readFile(`${file}.out`, 'utf8').catch(() => '');
      throw new Error(`not finished in ${scriptDeadlineMilliseconds} ms:\n${script}\n${said}`);
    }
    const status = Number(await readFile(`${file}.status`, 'utf8'));
    return { status, output: await readFile(`${file}.out`, 'utf8') };
  }

  /** Shuts down in good order and boots again from the same disk. */
  async reboot(): Promise<void> {
    const kernel = this.#kernel;
    await this.run('systemctl --no-block poweroff');
    if (kernel !== undefined) await ended(kernel);
    await this.#boot();
  }

  /** Ends it without ceremony and forgets its disk. */
  async close(): Promise<void> {
    this.#kernel?.kill();
    if (this.#kernel !== undefined) await ended(this.#kernel);
    await rm(this.exchange, { recursive: true });
  }

  async #boot(): Promise<void> {
    this.#boots += 1;
    // Told to end, also when we die, it ends the processes within.
    const kernel = spawn(
      'setpriv',
      [
        '--pdeathsig',
        'TERM',
        binary,
        'mem=1024M',
        `umid=machine${this.#boots}`,
        `uml_dir=${this.exchange}/`,
        `ubd0=${this.exchange}/disk,${this.#image}`,
        'root=/dev/ubda',
        'rw',
        'con=null',
        'con0=null,fd:1',
        'con1=fd:3,fd:4',
        'lsm=apparmor',
        'apparmor=1',
        'random.trust_cpu=on',
        'systemd.show_status=0',
        'quiet',
        `exchange=${this.exchange}`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit', 'pipe', 'pipe'] },
    );
    this.#kernel = kernel;
    const [, log, , orders, answers] = kernel.stdio;
    if (!(orders && 'write' in orders) || !(answers && 'read' in answers) || !(log && 'read' in log))
      throw new Error('user-mode Linux was started without its consoles');
    this.#console = orders;
    const said: string[] = [];
    createInterface({ input: log }).on('line', (line) => said.push(line));
    createInterface({ input: answers }).on('line', (line) => this.#answers.get(line.trim())?.());
    let late: NodeJS.Timeout | undefined;
    const lateness = new Promise<never>((_, reject) => {
      const fail = (): void => reject(new Error(`the machine did not boot:\n${said.join('\n')}`));
      late = setTimeout(fail, bootDeadlineMilliseconds);
      kernel.once('exit', fail);
    });
    await Promise.race([this.#heard('ready'), lateness]).finally(() => clearTimeout(late));
    // Degraded is an answer too: what failed is for the tests to say.
    await this.attempt(
      'while systemctl is-system-running | grep -qE "initializing|starting"; do sleep 0.2; done',
    );
  }

  async #heard(line: string): Promise<void> {
    await new Promise<void>((resolve) => this.#answers.set(line, resolve));
    this.#answers.delete(line);
  }
}

async function ended(kernel: ChildProcess): Promise<void> {
  if (kernel.exitCode === null && kernel.signalCode === null) await once(kernel, 'exit');
}
