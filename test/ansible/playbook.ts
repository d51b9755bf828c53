import { mkdtemp, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { runCommand } from '../support/command.ts';
import { type Esplanade, testPassword } from '../support/esplanade.ts';
import { type ServedRequest, servedDuring } from './request-log.ts';

/** What a task of a playbook came to. */
export interface TaskResult {
  readonly name: string;
  readonly changed: boolean;
  readonly failed: boolean;
  /** What the module says, which is its `msg`; of a module that crashed, what it wrote to standard error. */
  readonly message: string;
  readonly warnings: readonly string[];
  /** Everything the module returned. */
  readonly returned: Readonly<Record<string, unknown>>;
}

/** A finished playbook. */
export interface PlaybookRun {
  readonly tasks: readonly TaskResult[];
  /** What the server answered meanwhile, in order. */
  readonly requests: readonly ServedRequest[];
}

/** A playbook run for real, and again with nothing left to do. */
export interface TwoRuns {
  readonly first: PlaybookRun;
  readonly second: PlaybookRun;
}

/** How a playbook is run. */
export interface PlaybookOptions {
  /** `--check`: says what it would change. */
  readonly isCheck?: boolean;
  /** Extra variables; they go before the playbook's own. */
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Only the tasks with this tag. */
  readonly tag?: string;
  /** Of whoever runs it. */
  readonly environment?: Readonly<Record<string, string>>;
}

const directory = join(import.meta.dirname, 'playbooks');

/** Someone who manages one server with NetApp's collection, as Debian packages it, and no settings of their own. */
export class AnsibleUser {
  readonly #server: Esplanade;
  readonly #home: string;

  private constructor(server: Esplanade, home: string) {
    this.#server = server;
    this.#home = home;
  }

  /** `scratch` is a directory that somebody else removes. */
  static async create(server: Esplanade, scratch: string): Promise<AnsibleUser> {
    return new AnsibleUser(server, await mkdtemp(join(scratch, 'ansible-')));
  }

  /**
   * Runs a file of `playbooks/`, or of another place given by an absolute path, and resolves to what its tasks came to.
   * Throws when a task fails that the playbook does not ignore, and when ansible or the collection is missing.
   */
  async play(playbook: string, options: PlaybookOptions = {}): Promise<PlaybookRun> {
    const [run] = await this.#run([playbook], options);
    return run;
  }

  /** The same twice, by one `ansible-playbook`, whose start costs as much as two tasks. */
  async playTwice(playbook: string, options: PlaybookOptions = {}): Promise<TwoRuns> {
    const [first, second] = await this.#run([playbook, playbook], options);
    if (second === undefined) throw new Error(`${playbook} was run once`);
    return { first, second };
  }

  async #run(
    playbooks: readonly string[],
    options: PlaybookOptions,
  ): Promise<[PlaybookRun, ...PlaybookRun[]]> {
    const variables = join(this.#home, 'variables.json');
    const { port } = new URL(this.#server.url);
    const ontap = { ontap_port: Number(port), ontap_password: testPassword };
    await writeFile(variables, JSON.stringify({ ...ontap, ...options.variables }), { mode: 0o600 });
    const flags = ['--extra-vars', `@${variables}`];
    if (options.isCheck) flags.push('--check');
    if (options.tag !== undefined) flags.push('--tags', options.tag);
    const files = playbooks.map((playbook) => resolve(directory, playbook));
    const { result, requests } = await servedDuring(
      this.#server,
      async () =>
        await runCommand('ansible-playbook', [...flags, ...files], {
          timeoutMilliseconds: 240_000,
          anyStatus: true,
          environment: {
            ANSIBLE_CONFIG: join(import.meta.dirname, 'ansible.cfg'),
            ANSIBLE_HOME: this.#home,
            LC_ALL: 'C.UTF-8',
            ...options.environment,
          },
        }),
    );
    // One report after each playbook, with all there was so far.
    const report = result.stdout.split(/^(?=\{)/m).at(-1);
    if (report?.startsWith('{') !== true)
      throw new Error(`ansible-playbook: ${result.stderr}${result.stdout}`);
    const [first, ...others] = runsOf(JSON.parse(report), requests);
    if (result.status !== 0 || first === undefined) {
      const failures = [first, ...others].flatMap((run) => run?.tasks.filter(({ failed }) => failed) ?? []);
      const told = failures.map(({ name, message }) => `${name}: ${message}`).join('\n');
      throw new Error(`${playbooks.join(' ')}: status ${result.status}\n${told}\n${result.stderr}`);
    }
    return [first, ...others];
  }
}

/** The names of the tasks that changed something, or would. */
export function changedBy({ tasks }: PlaybookRun): readonly string[] {
  return tasks.filter(({ changed }) => changed).map(({ name }) => name);
}

/** A task that must be there. */
export function taskOf({ tasks }: PlaybookRun, name: string): TaskResult {
  const found = tasks.find((task) => task.name === name);
  if (found === undefined)
    throw new Error(`no task "${name}" among: ${tasks.map((task) => task.name).join('; ')}`);
  return found;
}

/** As far as we read the report of Ansible's callback `json`; our playbooks have one play each. */
interface Report {
  readonly plays: readonly {
    readonly play: { readonly duration: { readonly start: string } };
    readonly tasks: readonly {
      readonly task: { readonly name: string };
      readonly hosts: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    }[];
  }[];
}

function runsOf({ plays }: Report, requests: readonly ServedRequest[]): readonly PlaybookRun[] {
  const startMs = (index: number): number => {
    const play = plays[index]?.play;
    return play === undefined ? Number.POSITIVE_INFINITY : Date.parse(play.duration.start);
  };
  return plays.map(({ tasks }, index) => ({
    tasks: tasks.flatMap(({ task, hosts }) =>
      Object.values(hosts).map((returned) => taskResult(task.name, returned)),
    ),
    requests: requests.filter(({ timeMs }) => timeMs >= startMs(index) && timeMs < startMs(index + 1)),
  }));
}

function taskResult(name: string, returned: Readonly<Record<string, unknown>>): TaskResult {
  return {
    name,
    changed: returned['changed'] === true,
    failed: returned['failed'] === true,
    message: [returned['msg'], returned['module_stderr']].map(textOf).join(''),
    warnings: Array.isArray(returned['warnings']) ? returned['warnings'] : [],
    returned,
  };
}

function textOf(said: unknown): string {
  if (said === undefined) return '';
  return typeof said === 'string' ? said : JSON.stringify(said);
}
