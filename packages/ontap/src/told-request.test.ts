import { describe, expect, it, test } from 'vitest';
import { coast, send } from './lighthouses.fixture.ts';
import type { ToldRequest } from './told-request.ts';

const lighthouses = '/api/coast/lighthouses';
const { api } = coast();

function tell(method: string, url: string, body: unknown = ''): ToldRequest {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return api.tell({
    method,
    url,
    body: new TextEncoder().encode(text),
    principal: { account: 'admin', role: 'admin' },
    signal: new AbortController().signal,
  });
}

describe('what a request asks for, as it may be kept', () => {
  it('has method, path, and the fields of the body by their dotted names', () => {
    expect(tell('POST', lighthouses, { name: 'wolf', svm: { name: 'atlantic' }, lit: true })).toEqual({
      line: `POST ${lighthouses}`,
      body: '{"name":"wolf","svm.name":"atlantic","lit":true}',
    });
  });

  it('has no value of a field that can only be written', () => {
    expect(tell('POST', lighthouses, { name: 'wolf', passphrase: 'swordfish' }).body).toBe(
      '{"name":"wolf","passphrase":"***"}',
    );
  });

  test.each([
    ['a member that nobody knows', { swordfish: 'swordfish' }, '{"…":"…"}'],
    ['a member of an object that nobody knows', { keeper: { swordfish: 1 } }, '{"…":"…"}'],
    ['an object for a text', { name: { x: 'swordfish' } }, '{"name":"…"}'],
    ['a text for a number', { height_metres: 'swordfish' }, '{"height_metres":"…"}'],
    ['a text for an object', { keeper: 'swordfish' }, '{"keeper":"…"}'],
    ['a private key in a field that is shown', { name: '-----BEGIN PRIVATE KEY-----' }, '{"name":"***"}'],
    ['no JSON', '{"name": swordfish', '…'],
    ['an array', ['swordfish'], '…'],
  ])('has of %s neither name nor value', (_, body, told) => {
    expect(tell('PATCH', lighthouses, body).body).toBe(told);
  });

  it('has each of several records by itself', () => {
    const records = [{ name: 'a', passphrase: 'swordfish' }, 'swordfish'];
    expect(tell('POST', lighthouses, { records })).toEqual({
      line: `POST ${lighthouses}`,
      records: ['{"name":"a","passphrase":"***"}', '…'],
    });
  });

  test.each([
    ['the key of a record that there is', `${lighthouses}/u1`, `${lighthouses}/u1`],
    ['no key of a record that there is not', `${lighthouses}/swordfish`, `${lighthouses}/…`],
    ['no path that nobody knows', '/api/coast/swordfish/x', '/api/coast/…/…'],
    ['no URL that cannot be read', '/api/%E0%A4%A/swordfish', '…'],
    ['filters', `${lighthouses}?name=a*&lit=true`, `${lighthouses}?name=a*&lit=true`],
    [
      'no filter by what can only be written',
      `${lighthouses}?passphrase=swordfish`,
      `${lighthouses}?passphrase=***`,
    ],
    ['no parameter that nobody knows', `${lighthouses}?swordfish=1&x=swordfish`, `${lighthouses}?…`],
    [
      'numbers and fields',
      `${lighthouses}?max_records=3&fields=name,swordfish`,
      `${lighthouses}?max_records=3&fields=name,…`,
    ],
    ['no free text', `${lighthouses}?query=swordfish&start=swordfish`, `${lighthouses}?query=…&start=…`],
    ['own parameters', `${lighthouses}?force=true`, `${lighthouses}?force=true`],
  ])('has %s', (_, url, told) => {
    expect(tell('DELETE', url).line).toBe(`DELETE ${told}`);
  });
});

it('names the record whose turn has come', async () => {
  const turns: unknown[] = [];
  const shore = coast(undefined, { onRecord: (which) => turns.push(which) });
  await send(shore, 'POST', lighthouses, { json: { records: [{ name: 'a' }, { name: 'b' }] } });
  await send(shore, 'PATCH', `${lighthouses}?lit=true|false`, { json: { lit: true } });
  await send(shore, 'DELETE', lighthouses, { json: { records: [{ uuid: 'u2' }] } });
  await send(shore, 'POST', lighthouses, { json: { name: 'c' } });
  expect(turns).toEqual([0, 1, 'u1', 'u2', 0]);
});
