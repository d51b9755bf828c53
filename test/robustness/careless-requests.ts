import type { RawRequest } from '../support/https-client.ts';
import { body } from '../support/operator.ts';
import type { MarkedKeys } from './marked-keys.ts';

/** A request that carries a secret and must be refused, with the statuses that are a refusal of it. */
export interface CarelessRequest {
  readonly what: string;
  readonly request: RawRequest;
  readonly refused: readonly number[];
  /** The key stands where none belongs, and the refusal quotes it to the one who sent it. Nothing else may. */
  readonly isQuoted?: boolean;
}

const policies = '/api/security/ipsec/policies';
const wish = { name: 'careless', local: '10.9.0.1', remote: '10.9.0.77' };

/** Everything a user may get wrong with a key in hand. `taken` is a policy whose name and peer are taken. */
export function carelessRequests(
  keys: MarkedKeys,
  taken: { readonly uuid: string; readonly name: string; readonly remote: string },
): readonly CarelessRequest[] {
  const post = (what: string, fields: object, refused: readonly number[] = [400]): CarelessRequest => ({
    what,
    request: { method: 'POST', path: policies, body: JSON.stringify({ ...body(wish), ...fields }) },
    refused,
  });
  const raw = (what: string, text: string): CarelessRequest => ({
    what,
    request: { method: 'POST', path: policies, body: text },
    refused: [400],
  });
  const get = (what: string, query: string): CarelessRequest => ({
    what,
    request: { method: 'GET', path: `${policies}?${query}` },
    refused: [400],
  });
  const patch = (what: string, uuid: string, fields: object, refused: number): CarelessRequest => ({
    what,
    request: { method: 'PATCH', path: `${policies}/${uuid}`, body: JSON.stringify(fields) },
    refused: [refused],
  });
  const key = (label: string): string => keys.key(label, 'text');
  const nobody = '00000000-0000-4000-8000-000000000000';
  const password = Buffer.from(`admin:${keys.text('a wrong password', 30)}`).toString('base64');
  return [
    post('name taken', { name: taken.name, secret_key: key('name taken') }, [409]),
    post('another key for a peer', {
      ...body({ ...wish, remote: taken.remote }),
      secret_key: key('another'),
    }),
    post('too short', { secret_key: keys.text('too short', 17) }),
    post('too long', { secret_key: keys.text('too long', 129) }),
    post('not hexadecimal', { secret_key: `0x${keys.text('not hexadecimal', 30)}zz` }),
    post('not base64', { secret_key: `0s${keys.text('not base64', 30)}!!` }),
    post('not ASCII', { secret_key: `${key('not ASCII')}ü` }),
    post('an object', { secret_key: { value: key('object') } }),
    post('an array', { secret_key: [key('array')] }),
    post('field misspelt', { secret_kye: key('misspelt') }),
    post('field of another resource', { private_key: key('private_key') }),
    post('post-quantum key', {
      ppk: { identity: 'who', shared_key: key('ppk') },
      secret_key: key('ppk too'),
    }),
    { ...post('key in another field', { protocol: key('protocol') }), isQuoted: true },
    post('no such SVM', { svm: { name: 'nowhere' }, secret_key: key('no such SVM') }, [400, 404]),
    post('certificate as well', { certificate: { name: 'c' }, secret_key: key('certificate') }),
    raw('JSON cut off', `{"name":"careless","secret_key":"${key('cut off')}`),
    raw('JSON with a slip behind the key', `{"secret_key":"${key('slip')}" oops}`),
    raw('only a key', key('only a key')),
    raw('a key as a JSON string', `"${key('JSON string')}"`),
    raw('an unescaped line feed in the key', `{"secret_key":"${key('line feed')}\n"}`),
    get('filter by key', `secret_key=${key('filter')}`),
    get('unknown filter', `secretkey=${key('unknown filter')}`),
    { ...get('key as a number', `max_records=${key('max_records')}`), isQuoted: true },
    { ...get('key as a field', `fields=secret_key,${key('fields')}`), isQuoted: true },
    get('order by key', `order_by=secret_key&name=${key('order')}`),
    patch('no such policy', nobody, { secret_key: key('no such policy') }, 404),
    patch('fixed field', taken.uuid, { scope: 'cluster', secret_key: key('fixed field') }, 400),
    patch('key of a wrong form', taken.uuid, { secret_key: `0x${keys.text('wrong form', 31)}` }, 400),
    {
      what: 'no such path',
      request: { method: 'POST', path: '/api/security/ipsec/policy', body: key('no such path') },
      refused: [404],
    },
    { what: 'no such method', request: { method: 'PUT', path: policies, body: key('PUT') }, refused: [405] },
    {
      what: 'far too much',
      request: { method: 'POST', path: policies, body: JSON.stringify([key('too much')]).padEnd(3_000_000) },
      refused: [400, 413],
    },
    {
      what: 'wrong password',
      request: { method: 'GET', path: policies, headers: { authorization: `Basic ${password}` } },
      refused: [401],
    },
    {
      what: 'password without Basic',
      request: { method: 'GET', path: policies, headers: { authorization: key('bare password') } },
      refused: [401],
    },
  ];
}
