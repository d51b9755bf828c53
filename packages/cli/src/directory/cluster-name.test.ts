import { type ApiResponse, ConnectionError, connect, UnavailableError } from '@esplanade/sdk';
import { expect, it } from 'vitest';
import { clusterName, ownerQuery } from './cluster-name.ts';
import type { DirectoryField } from './directory.ts';

const owner: DirectoryField = {
  ...{ name: 'vserver', field: 'svm.name', label: 'Vserver', help: 'SVM', isOwner: true, format: 'text' },
  value: { kind: 'text', placeholder: 'SVM' },
};

const answering = (status: number, body: object) =>
  connect({
    url: 'https://storage.example',
    retries: 0,
    transport: async (): Promise<ApiResponse> => ({
      status,
      header: () => undefined,
      text: JSON.stringify(body),
    }),
  });

const refusal = { error: { code: '6', message: 'not authorized for that command' } };

it.each([
  ['coast', 'coast|null'],
  ['co*', 'co*|null'],
  ['!svm1', '!svm1|null'],
  ['svm1', 'svm1'],
])('a query of %s is one of %s in the cluster coast', async (query, asked) => {
  expect(await ownerQuery(owner, query, answering(200, { name: 'coast' }))).toBe(asked);
});

it('is not known to an account that may not read it, whose query stays as it is', async () => {
  const api = answering(403, refusal);
  expect(await clusterName(api)).toBeUndefined();
  expect(await ownerQuery(owner, 'coast', api)).toBe('coast');
});

it('is asked for or the command fails: without it another query would be sent', async () => {
  const broken = connect({
    url: 'https://storage.example',
    retries: 0,
    transport: () => Promise.reject(new ConnectionError('Nobody listens.')),
  });
  await expect(ownerQuery(owner, '!svm1', broken)).rejects.toThrow(ConnectionError);
  await expect(ownerQuery(owner, '!svm1', answering(503, refusal))).rejects.toThrow(UnavailableError);
});
