import { ConnectionError } from '@esplanade/sdk';
import { goodPolicy, startTestServer } from '@esplanade/server/testing';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { CommandEntry } from '../command.ts';
import { lineRunner, runLine, transportTo } from '../testing/run-line.ts';
import type { Directory } from './directory.ts';
import { createCommand, deleteCommand, modifyCommand, showCommand } from './verbs.ts';

const text = { kind: 'text', placeholder: 'TEXT' } as const;
const common = { label: '', format: 'text', value: text, help: 'What it is' } as const;
const fields: Directory['fields'] = [
  {
    ...common,
    name: 'vserver',
    field: 'svm.name',
    label: 'Vserver',
    heading: ['Vserver'],
    isKey: true,
    create: 'required',
  },
  {
    ...common,
    name: 'name',
    aliases: ['policy-name'],
    field: 'name',
    label: 'Policy Name',
    heading: ['Policy Name'],
    isKey: true,
    create: 'required',
  },
  {
    ...common,
    name: 'action',
    field: 'action',
    label: 'Action',
    heading: ['Action'],
    format: 'keyword',
    isUpperCase: true,
    words: { esp_transport: 'ESP_TRA' },
    value: { kind: 'choice', choices: ['ESP_TRA', 'BYPASS', 'DISCARD'] },
    create: 'optional',
  },
  {
    ...common,
    name: 'is-enabled',
    field: 'enabled',
    label: 'Is Policy Enabled',
    format: 'boolean',
    value: { kind: 'boolean' },
    create: 'optional',
    isModifiable: true,
  },
  {
    ...common,
    name: 'remote-address',
    field: 'remote_endpoint.address',
    label: 'Remote Address',
    create: 'optional',
    isModifiable: true,
  },
  {
    ...common,
    name: 'remote-netmask',
    field: 'remote_endpoint.netmask',
    create: 'optional',
    label: 'Netmask',
  },
  { ...common, name: 'local-address', field: 'local_endpoint.address', create: 'optional', label: 'Local' },
  { ...common, name: 'local-netmask', field: 'local_endpoint.netmask', create: 'optional', label: 'Netmask' },
  {
    ...common,
    name: 'shared-key',
    field: 'secret_key',
    value: { kind: 'secret', isNew: true },
    help: 'Pre-shared key',
    create: 'optional',
    isWriteOnly: true,
    isAskedFor: (given) => given.text('action') === undefined,
  },
];
const verb = { summary: 'Do it', description: ['Does it.'], examples: [] };
const byUuid: Directory = {
  words: ['policy'],
  noun: ['policy', 'policies'],
  path: '/security/ipsec/policies',
  fields,
  verbs: { show: verb, create: verb, modify: verb, delete: verb },
};
const byQuery: Directory = {
  ...byUuid,
  words: ['cli-policy'],
  path: '/private/cli/security/ipsec/policy',
  fields: [
    { ...common, name: 'vserver', field: 'vserver', label: 'Vserver', heading: ['Vserver'], isKey: true },
    { ...common, name: 'name', field: 'name', label: 'Policy Name', heading: ['Policy Name'], isKey: true },
    {
      ...common,
      name: 'is-enabled',
      field: 'is_enabled',
      label: 'Is Policy Enabled',
      format: 'boolean',
      value: { kind: 'boolean' },
      isModifiable: true,
    },
    {
      ...common,
      name: 'remote-address',
      field: 'remote_ip_subnets',
      label: 'Remote IP Subnets',
      isModifiable: true,
    },
  ],
};
const commands: readonly CommandEntry[] = [byUuid, byQuery].flatMap((directory) => [
  { words: [...directory.words, 'show'], summary: 'Show', load: async () => showCommand(directory) },
  { words: [...directory.words, 'create'], summary: 'Create', load: async () => createCommand(directory) },
  { words: [...directory.words, 'modify'], summary: 'Modify', load: async () => modifyCommand(directory) },
  { words: [...directory.words, 'delete'], summary: 'Delete', load: async () => deleteCommand(directory) },
]);

const server = await startTestServer();
afterAll(() => server.close());
const line = lineRunner(commands, server);
const words = (text: string): readonly string[] => text.split(' ');

beforeEach(async () => {
  const { body } = await server.request('GET', '/api/security/ipsec/policies');
  for (const { uuid } of body.records) await server.request('DELETE', `/api/security/ipsec/policies/${uuid}`);
});

async function policiesNamed(...names: readonly string[]): Promise<void> {
  for (const [index, name] of names.entries()) {
    const remote_endpoint = { address: `192.0.2.${100 + index}`, netmask: '32' };
    const answer = await server.request('POST', '/api/security/ipsec/policies', {
      ...goodPolicy,
      name,
      remote_endpoint,
    });
    expect(answer.status).toBe(201);
  }
}

async function namesThere(query = ''): Promise<readonly string[]> {
  const { body } = await server.request('GET', `/api/security/ipsec/policies?order_by=name${query}`);
  return body.records.map(({ name }: { name: string }) => name);
}

describe('show', () => {
  it('takes every field as a query, in ONTAP’s words', async () => {
    await policiesNamed('nfs1', 'nfs2', 'smb');
    const shown = await line(words('policy show -policy-name nfs* -action esp-tra --csv -fields name'));
    expect(shown).toMatchObject({ status: 0, notes: '' });
    expect(shown.output.match(/nfs\d|smb/g)).toEqual(['nfs1', 'nfs2']);
    const others = await line(words('policy show -policy-name !nfs* --csv'));
    expect(others.output).toContain('smb');
    expect(others.output).not.toContain('nfs');
    expect((await line(words('policy show -action !ESP_TRA'))).output).toContain('no entries');
    expect((await line(words('policy show -action bypass|esp_tra --csv'))).output.match(/smb/g)).toHaveLength(
      1,
    );
  });

  it('shows all of one that all keys name, as ONTAP does', async () => {
    await policiesNamed('nfs');
    const { output } = await line(words('policy show svm1 nfs'));
    expect(output).toContain('Is Policy Enabled: true');
    expect(output).not.toContain('displayed');
  });

  it('sorts, and stops at a limit', async () => {
    await policiesNamed('a', 'b', 'c');
    const { output } = await line(words('policy show -order-by name:desc -limit 2 --json'));
    expect(JSON.parse(output).map(({ name }: { name: string }) => name)).toEqual(['c', 'b']);
    expect(await line(words('policy show -order-by nme'))).toMatchObject({
      status: 2,
      notes: expect.stringContaining('There are: vserver, name'),
    });
  });

  it('knows fields by their other names, and cut short, as parameters are', async () => {
    await policiesNamed('a', 'b');
    const { output } = await line(words('policy show -fields policy-name,is_en -order-by policy:desc --csv'));
    expect(output).toBe('vserver,name,is-enabled\nsvm1,b,true\nsvm1,a,true\n');
    expect(await line(words('policy show -fields remote'))).toMatchObject({
      status: 2,
      notes: 'esplanade: "remote" may be remote-address, remote-netmask: write more of it.\n',
    });
    expect(await line(words('policy show -order-by remote'))).toMatchObject({ status: 2 });
  });

  it('matches nothing without failing', async () => {
    expect(await line(words('policy show -policy-name none'))).toEqual({
      status: 0,
      output: 'There are no entries matching your query.\n',
      notes: '',
    });
  });
});

describe('create', () => {
  const given = words(
    'policy create svm1 nfs -local-address 192.0.2.1 -local-netmask 32 -remote-address 192.0.2.2 -remote-netmask 32',
  );

  it('sends what was given, with a secret that is asked for twice and shown nowhere', async () => {
    const key = 'a key of at least 18 characters';
    const created = await line(given, { columns: 80, answers: [key, key] });
    expect(created).toMatchObject({ status: 0, output: 'The policy "nfs" was created.\n' });
    expect(created.notes).not.toContain(key);
    expect(await namesThere()).toEqual(['nfs']);
  });

  it('sends nothing when the two secrets differ, or nobody can be asked', async () => {
    expect(await line(given, { columns: 80, answers: ['one', 'other'] })).toMatchObject({ status: 2 });
    expect(await line(given)).toMatchObject({
      status: 2,
      notes: expect.stringContaining('-shared-key-file'),
    });
    expect(await namesThere()).toEqual([]);
  });

  it('reads a secret from standard input without its line break, and shows programs the record', async () => {
    const input = 'a key of at least 18 characters\n';
    const created = await line([...given, '-shared-key-file', '-', '--json'], { input });
    expect(JSON.parse(created.output)).toMatchObject({ name: 'nfs', uuid: expect.any(String) });
  });

  it('names the parameter that the server found wrong, with ONTAP’s code', async () => {
    const input = 'a key of at least 18 characters';
    const wrong = given.map((word) => (word === '192.0.2.2' ? '192.0.2.999' : word));
    expect(await line([...wrong, '-shared-key-file', '-'], { input })).toMatchObject({
      status: 6,
      notes: expect.stringMatching(/^esplanade: -remote-address: .+ \(ONTAP error \d+\)\n$/),
    });
  });

  it('says what is missing before it asks the server', async () => {
    expect(await line(['policy', 'create'])).toMatchObject({
      status: 2,
      notes: expect.stringContaining('Missing: VSERVER, NAME.'),
    });
  });
});

describe.each([
  ['policies that have a path', 'policy'],
  ['rows of the private CLI', 'cli-policy'],
])('changing %s', (_what, directory) => {
  it('modifies one', async () => {
    await policiesNamed('nfs', 'nfs2');
    expect(await line(words(`${directory} modify -vserver svm1 -name nfs -is-enabled false`))).toMatchObject({
      status: 0,
      output: 'The policy "nfs" was modified.\n',
    });
    expect(await namesThere('&enabled=false')).toEqual(['nfs']);
  });

  it('deletes one, whose name means something in queries', async () => {
    await policiesNamed('a*', 'ab');
    expect(await line(words(`${directory} delete svm1 "a*"`))).toMatchObject({ status: 0, notes: '' });
    expect(await namesThere()).toEqual(['ab']);
  });

  it('asks before it deletes several, and deletes nothing on a no', async () => {
    await policiesNamed('a', 'b', 'smb');
    const refused = await line(words(`${directory} delete -name a|b`), { columns: 80, answers: ['n'] });
    expect(refused).toMatchObject({
      status: 1,
      notes: expect.stringMatching(
        /^2 policies match:\n {2}svm1 a\n {2}svm1 b\nDo you want to delete all of them\? \{y\|n\}: /,
      ),
    });
    expect(await namesThere()).toEqual(['a', 'b', 'smb']);
    const done = await line(words(`${directory} delete -name a|b`), { columns: 80, answers: ['y'] });
    expect(done).toMatchObject({ status: 0, output: '2 policies were deleted.\n' });
    expect(await namesThere()).toEqual(['smb']);
  });

  it('wants -force for several where nobody can be asked', async () => {
    await policiesNamed('a', 'b');
    expect(await line(words(`${directory} delete -name *`))).toMatchObject({
      status: 2,
      notes: expect.stringContaining('give -force'),
    });
    expect(await line(words(`${directory} delete -name * --force`))).toMatchObject({ status: 0 });
    expect(await namesThere()).toEqual([]);
  });

  it('selects by an extended query, which may be about what is changed', async () => {
    await policiesNamed('a', 'b', 'c');
    await line(words(`${directory} modify -name b|c -is-enabled false -force`));
    const changed = await line(words(`${directory} modify {-is-enabled false -name !c} -is-enabled true`));
    expect(changed).toMatchObject({ status: 0, output: 'The policy "b" was modified.\n' });
    expect(await namesThere('&enabled=true')).toEqual(['a', 'b']);
    expect(await line(words(`${directory} delete { -is-enabled false }`))).toMatchObject({ status: 0 });
    expect(await namesThere()).toEqual(['a', 'b']);
    expect(await line(words(`${directory} delete {-name a`))).toMatchObject({ status: 2 });
    expect(await line(words(`${directory} delete {-name a}b`))).toMatchObject({ status: 2 });
    expect(await line(words(`${directory} delete {-name a} -name a`))).toMatchObject({ status: 2 });
    expect(await namesThere()).toEqual(['a', 'b']);
  });

  it('deletes by what else records have', async () => {
    await policiesNamed('a', 'b');
    await line(words(`${directory} modify svm1 b -is-enabled false`));
    expect(await line(words(`${directory} delete -is-enabled false`))).toMatchObject({
      status: 0,
      notes: '',
    });
    expect(await namesThere()).toEqual(['a']);
    expect(await line(words(`${directory} delete -is-enabled false`))).toMatchObject({
      status: 3,
      notes: 'esplanade: No policy matches.\n',
    });
  });

  it('says that there is none of that name', async () => {
    expect(await line(words(`${directory} modify svm1 none -is-enabled false`))).toMatchObject({
      status: 3,
      notes: 'esplanade: There is no policy "svm1 none".\n',
    });
    expect(await line(words(`${directory} delete -name none*`))).toMatchObject({ status: 3 });
  });

  it('proposes the name that was meant', async () => {
    await policiesNamed('backup', 'nfs');
    expect(await line(words(`${directory} delete svm1 bakcup`))).toMatchObject({
      status: 3,
      notes: 'esplanade: There is no policy "svm1 bakcup". Did you mean "backup"?\n',
    });
    expect(await namesThere()).toEqual(['backup', 'nfs']);
  });

  it('wants to know which, and what', async () => {
    expect(await line(words(`${directory} delete -force`))).toMatchObject({ status: 2 });
    expect(await line(words(`${directory} modify svm1 nfs`))).toMatchObject({ status: 2 });
  });
});

describe.each(['policy', 'cli-policy'])('a change of %s that fails for some of several', (directory) => {
  const change = words(`${directory} modify -name * -remote-address nonsense -force`);

  it('stops at the first that fails, and tells what was done', async () => {
    await policiesNamed('a', 'b', 'c');
    const stopped = await line(change);
    expect(stopped).toMatchObject({ status: 6 });
    expect(stopped.notes).toMatch(
      /^"a": -remote-address: .+\nesplanade: 0 of 3 policies were modified, 3 were not\.\n$/,
    );
  });

  it('goes on where that is wished', async () => {
    await policiesNamed('a', 'b', 'c');
    const gone = await line([...change, '-continue-on-failure', 'true']);
    expect(gone.notes.match(/^"[abc]": /gm)).toHaveLength(3);
  });

  it('claims of none that it was not done when the connection broke off', async () => {
    await policiesNamed('a', 'b', 'c');
    const transport = transportTo(server);
    let isAway = false;
    const broken = await runLine(
      commands,
      words(`${directory} delete -name * -force`),
      {},
      async (request) => {
        if (isAway) throw new ConnectionError('Nobody answers.', { mayPass: false });
        const answer = await transport(request);
        if (request.method !== 'DELETE') return answer;
        isAway = true;
        throw new ConnectionError('It broke off.', { mayBeDone: true });
      },
    );
    expect(broken.status).toBe(7);
    expect(broken.notes).toContain(
      'esplanade: 0 of 3 policies were deleted, 3 were not. ' +
        'Some of these may have been deleted all the same: look before you repeat it.\n',
    );
    expect((await namesThere()).length).toBeLessThan(3);
  });

  it('tells what was done when it is interrupted', async () => {
    await policiesNamed('a', 'b', 'c');
    const interruption = new AbortController();
    const transport = transportTo(server);
    const interrupted = await runLine(
      commands,
      words(`policy delete -name * -force`),
      { signal: interruption.signal },
      async (request) => {
        const answer = await transport(request);
        if (request.method === 'DELETE') interruption.abort();
        return answer;
      },
    );
    expect(interrupted.status).toBe(130);
    expect(interrupted.notes).toBe('Interrupted: 1 of 3 policies was deleted, 2 were not.\n');
    expect(await namesThere()).toEqual(['b', 'c']);
  });
});
