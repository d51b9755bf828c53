import { describe, expect, it, test } from 'vitest';
import { coast, coastResources, send } from './lighthouses.fixture.ts';
import type { Telling } from './told-body.ts';
import type { ToldParts } from './told-request.ts';

const lighthouses = '/api/coast/lighthouses';
const { api } = coast();

function tell(method: string, url: string, body: unknown = '', telling: Telling = 'accepted'): ToldParts {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return api
    .tell({
      method,
      url,
      body: new TextEncoder().encode(text),
      principal: { account: 'admin', role: 'admin' },
      signal: new AbortController().signal,
    })
    .tell(telling);
}

describe('what a request asks for that was carried out', () => {
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
    ['a long code, where it is one line of several', { charts: ['MIIB', 'swordfish'] }, '{"charts":"…"}'],
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

describe('a text with a URL', () => {
  test.each([
    ['https://charts.example/sea.crl', 'https://charts.example/sea.crl'],
    ['http://[2001:db8::1]:8080/a', 'http://[2001:db8::1]:8080/a'],
    ['https://ann:swordfish@charts.example/a', 'https://charts.example/a…'],
    ['https://ann:sword/fish@charts.example/a', '…'],
    ['https://ann:1/swordfish@charts.example/a', '…'],
    ['https://ann:sword?fish@charts.example/a', '…'],
    ['https://ann:sword#fish@charts.example/a', '…'],
    ['https://ann:1?swordfish@charts.example/a', '…'],
    ['https://ann:sword fish@charts.example/a', 'https://charts.example/a…'],
    ['https:/ann:swordfish@charts.example/a', 'https://charts.example/a…'],
    ['https:\\\\ann:swordfish@charts.example/a', 'https://charts.example/a…'],
    ['https://charts.example/a?token=swordfish', 'https://charts.example/a…'],
    ['https://charts.example/a#swordfish', 'https://charts.example/a…'],
    ['see https://ann:swordfish@charts.example/a', '…'],
    ['uri:https://ann:swordfish@charts.example/a', '…'],
    ['ann@charts.example', 'ann@charts.example'],
    ['fe80::1', 'fe80::1'],
  ])('%s is told as %s', (text, told) => {
    expect(tell('PATCH', lighthouses, { name: text }).body).toBe(JSON.stringify({ name: told }));
  });
});

describe('what a request asks for that nobody may have looked at', () => {
  const checked = (body: unknown) => tell('PATCH', lighthouses, body, 'checked').body;

  it('has what the descriptors tell from all else', () => {
    const body = {
      'svm.uuid': '00000000-0000-4000-8000-000000000000',
      height_metres: 54,
      lit: true,
      address: '2001:db8::1',
      built_at: '1904-06-27',
      channel: '16-17',
      colours: ['white', 'red'],
      kind: 'rock',
      name: null,
    };
    expect(checked(body)).toBe(JSON.stringify(body));
  });

  test.each([
    ['a free text', { name: 'swordfish' }, '{"name":"…"}'],
    ['a number for a text', { name: 51423 }, '{"name":"…"}'],
    ['what is none of the values', { kind: 'swordfish' }, '{"kind":"…"}'],
    ['such an item of a list', { colours: ['red', 'swordfish'] }, '{"colours":["red","…"]}'],
    ['what is no range', { channel: 'swordfish' }, '{"channel":"…"}'],
    ['what is no address', { address: 'fe80::1%swordfish' }, '{"address":"…"}'],
    ['what is no UUID', { 'svm.uuid': 'swordfish' }, '{"svm.uuid":"…"}'],
  ])('has not %s', (_, body, told) => {
    expect(checked(body)).toBe(told);
  });

  test.each([
    ['lit=true&kind=rock|!shore&height_metres=>=5|1..9&address=10.0.0.9|null&lit=*', undefined],
    ['name=swordfish', 'name=…'],
    ['kind=rock|swordfish', 'kind=…'],
    ['kind=sword*', 'kind=…'],
    ['kind={rock', 'kind=…'],
    ['lit=swordfish', 'lit=…'],
    ['height_metres=1..swordfish', 'height_metres=…'],
    ['address=>swordfish', 'address=…'],
    ['charts=swordfish', 'charts=…'],
    ['force=swordfish', 'force=…'],
  ])('has of the filters %s only what is known', (query, told = query) => {
    expect(tell('DELETE', `${lighthouses}?${query}`, '', 'checked').line).toBe(
      `DELETE ${lighthouses}?${told}`,
    );
  });
});

it('tells a parameter as such where a field that can only be written has its name', () => {
  const [resource] = coastResources();
  if (resource?.kind !== 'collection') throw new Error('the lighthouses are gone');
  const fields = { ...resource.fields, force: { type: 'boolean', description: 'x' } as const };
  const { api: both } = coast([], { resources: [{ ...resource, fields }] });
  const request = { principal: { account: 'admin', role: 'admin' }, signal: new AbortController().signal };
  const body = new Uint8Array();
  const told = both.tell({ ...request, method: 'DELETE', url: `${lighthouses}?force=true`, body });
  expect(told.tell('checked').line).toBe(`DELETE ${lighthouses}?force=true`);
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
