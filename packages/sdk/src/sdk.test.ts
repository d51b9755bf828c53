import { goodPolicy, startTestServer, testPassword } from '@esplanade/server/testing';
import { afterAll, expect, it } from 'vitest';
import { connect, NotFoundError, type Transport } from './index.ts';

const server = await startTestServer();
afterAll(() => server.close());
const transport: Transport = async ({ method, url, headers, body }) => {
  const answer = await server.request(method, `${url.pathname}${url.search}`, body, headers);
  return { status: answer.status, header: (name) => answer.headers[name], text: answer.text };
};
const api = connect({ url: 'https://cluster1', user: 'admin', password: testPassword, transport });

it('creates, reads, changes and deletes a record', async () => {
  const policies = api.collection('/security/ipsec/policies');
  const made = await policies.create(goodPolicy);
  const uuid = String(made?.['uuid']);
  expect(await policies.get(uuid)).toMatchObject({ name: 'nfs', enabled: true });
  await policies.modify(uuid, { enabled: false });
  const disabled = await policies.where('enabled', '=', false).fields('name').toArray();
  expect(disabled).toMatchObject([{ uuid, name: 'nfs' }]);
  expect(await policies.where('name', 'like', 'n*').count()).toBe(1);
  expect(await policies.where('name', '=', 'n*').first()).toBeUndefined();
  await policies.delete(uuid);
  await expect(policies.get(uuid)).rejects.toThrow(NotFoundError);
});
