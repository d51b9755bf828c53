import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Command, CommandEntry, Parameter } from './command.ts';
import { commandTable } from './command-table.ts';
import { startTestCluster, type TestCluster } from './testing/test-cluster.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.close());

const listings: (readonly [line: string, CommandEntry, Command])[] = [];
for (const entry of commandTable) {
  const command = await entry.load();
  if (command.isLocal !== true && command.parameters.some(({ name }) => name === 'fields'))
    listings.push([entry.words.join(' '), entry, command]);
}

/** What commands cannot do without. */
const needed: Readonly<Record<string, readonly string[]>> = {
  'security ipsec decision show': ['192.0.2.1', '192.0.2.2', 'icmp'],
};

/** A text may be a name, a time, an address or a number; one of these is a query of it. */
function queriesOf({ value }: Parameter): readonly string[] {
  if (value.kind === 'choice') return value.choices.map((choice) => `${choice}|!${choice}`).slice(0, 1);
  if (value.kind === 'boolean') return ['true'];
  if (value.kind === 'integer') return ['>=1'];
  return ['x*', '>2026-01-01T00:00:00Z', '192.0.2.1', '1'];
}

async function isAnswered(words: readonly string[]): Promise<boolean> {
  const { status } = await cluster.run([...words, '--csv']);
  return status === 0;
}

describe.each(listings)('%s', (line, { words }, { parameters }) => {
  const typed = [...words, ...(needed[line] ?? [])];
  const fields = parameters.flatMap(({ name, value }) =>
    name === 'fields' && value.kind === 'list' ? (value.choices ?? []) : [],
  );

  it('is asked about each of its parameters', async () => {
    const refused: string[] = [];
    for (const parameter of parameters) {
      if (parameter.isQuery !== true) continue;
      let isTaken = false;
      for (const text of queriesOf(parameter))
        isTaken ||= await isAnswered([...typed, `-${parameter.name}=${text}`]);
      if (!isTaken) refused.push(parameter.name);
    }
    expect(refused).toEqual([]);
  });

  it('shows each of its fields, and sorts by it', async () => {
    const refused: string[] = [];
    const isSorted = parameters.some(({ name }) => name === 'order-by');
    for (const field of fields) {
      if (!(await isAnswered([...typed, '-fields', field]))) refused.push(`-fields ${field}`);
      if (isSorted && field !== 'all' && !(await isAnswered([...typed, '-order-by', field])))
        refused.push(`-order-by ${field}`);
    }
    expect(refused).toEqual([]);
  });
});

it('looks at commands that list', () => {
  expect(listings.length).toBeGreaterThan(15);
});

it('deletes and changes an account by ONTAP’s whole line', async () => {
  const account = '-vserver svm1 -user-or-group-name vic -application http'.split(' ');
  const options = { columns: 80, answers: ['of nobody at all 2', 'of nobody at all 2'] };
  await cluster.run(['security', 'login', 'create', ...account], options);
  const changed = await cluster.run(['security', 'login', 'modify', ...account, '-comment', 'night']);
  expect(changed).toMatchObject({ status: 0, output: 'The account "vic" was modified.\n' });
  const login = [
    'security',
    'login',
    'show',
    '-authentication-method',
    'password',
    '-user-or-group-name',
    'vic',
  ];
  expect((await cluster.run(login)).output).toContain('vic');
  expect(
    await cluster.run(['security', 'login', 'delete', ...account, '-authentication-method', 'password']),
  ).toMatchObject({ status: 0, output: 'The account "vic" was deleted.\n' });
});

describe('the name of the cluster', () => {
  const run = async (line: string) => (await cluster.run(line.split(' '))).output;
  const certificate = 'security certificate create -type root-ca -common-name';

  it('is the Vserver of what belongs to no SVM, shown, asked for and given', async () => {
    const [name = ''] = /(?<=name\n)\S+/.exec(await run('cluster identity show -fields name --csv')) ?? [];
    expect(name).not.toBe('');
    await run(`${certificate} coast -cert-name coast -vserver ${name}`);
    await run(`${certificate} bay -cert-name bay -vserver svm1`);
    await run(`network interface create -vserver ${name} -ipspace Default -lif lif1 -address 192.0.2.1`);
    expect(await run('network interface show -lif lif1 -fields lif --csv')).toBe(
      `vserver,lif\n${name},lif1\n`,
    );
    const certificates = 'security certificate show -fields cert-name --csv -vserver';
    const heading = 'vserver,cert-name\n';
    expect(await run(`${certificates} ${name}`)).toBe(`${heading}${name},coast\n`);
    expect(await run(`${certificates} !svm1`)).toBe(`${heading}${name},coast\n`);
    expect(await run(`${certificates} null`)).toBe(`${heading}${name},coast\n`);
    expect(await run(`${certificates} !${name}`)).toBe(`${heading}svm1,bay\n`);
    expect(await run(`${certificates} svm*`)).toBe(`${heading}svm1,bay\n`);
    expect(await run(`${certificates} ${name.slice(0, 3)}*|svm1`)).toBe(
      `${heading}svm1,bay\n${name},coast\n`,
    );
    expect(JSON.parse(await run(`security certificate show -cert-name coast --json`))[0]).not.toHaveProperty(
      'svm',
    );
    expect(await run(`security certificate show ${name} coast`)).toMatch(new RegExp(`Vserver: ${name}\n`));
    expect(await run(`security certificate delete -vserver ${name} -cert-name coast`)).toContain(
      'was deleted',
    );
  });
});
