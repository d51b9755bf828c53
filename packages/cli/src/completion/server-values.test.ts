import { connect } from '@esplanade/sdk';
import { describe, expect, it } from 'vitest';
import { serverValues } from './server-values.ts';

/** A server with so many policies, `p-0` and so on, which gives pages as it is asked to, and tells what it was asked. */
function serverOf(count: number, names = Array.from({ length: count }, (_, index) => `p-${index}`).sort()) {
  const asked: URLSearchParams[] = [];
  const api = connect({
    url: 'https://server.example',
    transport: async ({ url }) => {
      asked.push(url.searchParams);
      const inOrder = url.searchParams.get('order_by')?.endsWith('desc') ? names.toReversed() : names;
      const most = Number(url.searchParams.get('max_records'));
      const records = inOrder.slice(0, most).map((name) => ({ name, svm: { name: `svm of ${name}` } }));
      const next = most < count ? { _links: { next: { href: `${url.pathname}${url.search}` } } } : {};
      return {
        status: 200,
        header: () => undefined,
        text: JSON.stringify({ records, num_records: records.length, ...next }),
      };
    },
  });
  return { api, asked };
}

const source = { path: '/security/ipsec/policies', field: 'name' };
const question = {
  source,
  prefix: 'p-',
  fields: [{ field: 'svm.name', value: 'a|b', isQuery: false }],
  isQuery: false,
  given: () => undefined,
};

describe('values from the server', () => {
  it('are asked for by what they begin with, and nothing but the field', async () => {
    const { api, asked } = serverOf(2);
    expect(await serverValues(api, question)).toEqual([{ value: 'p-0' }, { value: 'p-1' }]);
    expect(asked.map((parameters) => Object.fromEntries(parameters))).toEqual([
      { name: 'p-*', 'svm.name': '"a|b"', fields: 'name', order_by: 'name asc', max_records: '200' },
    ]);
  });

  it('are written as queries for themselves where they are to be one', async () => {
    const { api, asked } = serverOf(4, ['"q"', 'n*', 'plain', '{x}']);
    const fields = [{ field: 'svm.name', value: 'a|b', isQuery: true }];
    expect(await serverValues(api, { ...question, prefix: '', isQuery: true, fields })).toEqual([
      { value: '{"q"}', meaning: '"q"' },
      { value: '"n*"', meaning: 'n*' },
      { value: 'plain' },
      { value: '"{x}"', meaning: '{x}' },
    ]);
    expect(asked[0]?.get('svm.name')).toBe('a|b');
  });

  it('come with what tells which one each is', async () => {
    const { api } = serverOf(1);
    const labelled = { ...question, source: { ...source, label: 'svm.name' } };
    expect(await serverValues(api, labelled)).toEqual([{ value: 'p-0', description: 'svm of p-0' }]);
  });

  it('are the first two hundred and the last of very many, which begin alike as all do', async () => {
    const { api, asked } = serverOf(100_000);
    const values = await serverValues(api, question);
    expect(values).toHaveLength(201);
    expect(values.at(-1)).toEqual({ value: 'p-99999' });
    expect(asked).toHaveLength(2);
  });
});
