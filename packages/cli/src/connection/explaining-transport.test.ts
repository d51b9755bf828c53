import type { ApiRequest } from '@esplanade/sdk';
import { expect, it } from 'vitest';
import { commandTable } from '../command-table.ts';
import { exitStatus } from '../exit-status.ts';
import { runLine } from '../testing/run-line.ts';
import { explainingTransport } from './explaining-transport.ts';

const url = new URL('https://cluster1');
const request: ApiRequest = { method: 'GET', url, headers: {} };

it.each([
  ['"6691623"', ' (ONTAP error 6691623)'],
  ['6691623', ' (ONTAP error 6691623)'],
  [`"${'1'.repeat(300)}"`, ''],
  ['"none"', ''],
])('who is not let in is told so, with the code if %s is one', async (code, told) => {
  const answer = { status: 401, header: () => undefined, text: `{"error": {"code": ${code}}}` };
  const transport = explainingTransport(async () => answer, { url, user: 'alice', profile: undefined });
  await expect(transport(request)).rejects.toMatchObject({
    status: exitStatus.notAllowed,
    message:
      `cluster1 does not let alice in: the password is wrong, or the account is locked or not there.${told}\n` +
      '"esplanade login https://cluster1" asks for the password anew.',
  });
});

/** A line of `reader`, who may do nothing. */
async function refused(line: string, error: object) {
  const answer = { status: 403, header: () => undefined, text: JSON.stringify({ error }) };
  const transport = explainingTransport(async () => answer, { url, user: 'reader', profile: undefined });
  return await runLine(commandTable, line.split(' '), {}, transport);
}

const unauthorized = { code: '6', message: 'not authorized for that command' };

it.each([
  ['security ipsec config modify -is-enabled true', 'PATCH /api/security/ipsec', 'read_modify'],
  ['security ipsec config show', 'GET /api/security/ipsec', 'readonly'],
  ['network ipspace create -ipspace blue', 'POST /api/network/ipspaces', 'read_create'],
])('who may not do what "%s" asks is told who, what and where to look', async (line, what, access) => {
  const { status, notes } = await refused(line, unauthorized);
  expect(status).toBe(exitStatus.notAllowed);
  expect(notes).toBe(
    `esplanade: not authorized for that command. (ONTAP error 6)\nreader may not ${what}: the role needs access ${access} to it, and some of it is for accounts of the cluster alone. ` +
      '"security login show -user-or-group-name reader" tells the role, "security login rest-role show -role ROLE" what that allows.\n',
  );
});

it('names resources as roles do, and not the record', async () => {
  const answer = { status: 403, header: () => undefined, text: JSON.stringify({ error: unauthorized }) };
  const transport = explainingTransport(async () => answer, { url, user: 'reader', profile: undefined });
  const record = new URL('/api/security/certificates/5a3bb1ae-7a37-11ed-a1eb-0242ac120002', url);
  await expect(transport({ ...request, method: 'DELETE', url: record })).rejects.toMatchObject({
    resource: '/api/security/certificates',
    advice: expect.stringContaining(
      'reader may not DELETE /api/security/certificates: the role needs access all ',
    ),
  });
});
