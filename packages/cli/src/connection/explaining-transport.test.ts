import type { ApiRequest } from '@esplanade/sdk';
import { expect, it } from 'vitest';
import { exitStatus } from '../exit-status.ts';
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
