import { describe, expect, it } from 'vitest';
import { commandTable } from '../command-table.ts';
import { runLine } from '../testing/run-line.ts';

describe('-user, which people of ONTAP write for -user-or-group-name', () => {
  it.each([
    'create -vserver svm1 -user polly -role vsadmin -password-file none',
    'show -user polly',
    'modify -user polly -role admin',
    'modify {-role readonly} -user polly -role admin',
    'delete --user=polly',
    'password -user polly',
    'lock -user polly',
    'unlock -vserver svm1 -user polly',
  ])('sends nothing where no account is named: security login %s', async (line) => {
    // Without a transport what is sent would fail otherwise.
    const words = ['security', 'login', ...(line.match(/\{.*\}|\S+/g) ?? [])];
    expect(await runLine(commandTable, words)).toMatchObject({
      status: 2,
      notes: 'esplanade: -user is who asks; the account is -user-or-group-name, or -username.\n',
    });
  });

  it.each(['lock polly -user admin', 'show -username * -user admin', 'delete {-username polly} -user admin'])(
    'is who asks where one is: security login %s',
    async (line) => {
      const words = ['security', 'login', ...(line.match(/\{.*\}|\S+/g) ?? [])];
      const { notes } = await runLine(commandTable, words);
      expect(notes).toContain('this line was to be done without an API');
    },
  );
});
