import { describe, expect, test } from 'vitest';
import { failure, genericErrors } from './error-codes.ts';
import { coast, coastResources, send } from './lighthouses.fixture.ts';
import { openApiDocument } from './openapi.ts';
import type { ActionResource } from './resource.ts';

/** What a lamp that was lit says. */
interface Lit {
  readonly uuid: string;
  readonly colour: string;
  readonly svm: string | undefined;
}

const light: ActionResource<Lit> = {
  kind: 'action',
  path: '/coast/lighthouses/{uuid}/light',
  title: 'Light the lamp',
  since: '9.16.1',
  fields: {
    colour: {
      type: 'string',
      description: 'Colour.',
      writable: ['post'],
      isRequired: true,
      enum: ['red', 'white'],
      get: ({ colour }) => colour,
    },
    matches: { type: 'string', description: 'Used up.', writable: ['post'] },
    'lamp.of': { type: 'string', description: 'Whose.', get: ({ uuid }) => uuid },
    'lamp.svm': { type: 'string', description: 'For whom.', get: ({ svm }) => svm },
  },
  errors: { POST: [genericErrors.duplicateEntry] },
  run: async (uuid, body, { principal: { svmUuid } }) =>
    uuid === 'nobody'
      ? failure(genericErrors.entryNotFound, {}, 'uuid')
      : { kind: 'done', row: { uuid, colour: String(body.get('colour')), svm: svmUuid } },
};

const shore = (release = '9.18.1') => coast(undefined, { release, resources: [...coastResources(), light] });
const path = '/api/coast/lighthouses/a%2Fb/light';

describe('an action', () => {
  test('answers what came of it, with 200 and nothing around it', async () => {
    for (const query of ['', '?return_records=true', '?return_timeout=30']) {
      const { status, headers, json } = await send(shore(), 'POST', `${path}${query}`, {
        json: { colour: 'red', matches: 'two' },
      });
      expect({ status, json }).toEqual({ status: 200, json: { colour: 'red', lamp: { of: 'a/b' } } });
      expect(headers).not.toHaveProperty('location');
    }
  });

  test('knows for whom it is', async () => {
    const { json } = await send(shore(), 'POST', path, {
      json: { colour: 'red' },
      tunnelSvmName: 'atlantic',
    });
    expect(json).toMatchObject({ lamp: { svm: 'svm-1' } });
  });

  test.each([
    [{ colour: 'green' }, '262185', 'colour'],
    [{ colour: 'red', wick: 1 }, '262179', 'wick'],
    [{ records: [{ colour: 'red' }] }, '262179', 'records'],
    [{ 'lamp.of': 'x' }, '262196', 'lamp.of'],
    [[], '262255', undefined],
  ])('refuses a body %j', async (json, code, target) => {
    const answer = await send(shore(), 'POST', path, { json });
    expect([answer.status, answer.json.error?.code, answer.json.error?.target]).toEqual([400, code, target]);
  });

  test('refuses what is no JSON, parameters it does not know, and records that are not there', async () => {
    expect(await send(shore(), 'POST', path, { text: '{' })).toMatchObject({ status: 400 });
    expect(await send(shore(), 'POST', `${path}?colour=red`, { json: {} })).toMatchObject({
      status: 400,
      json: { error: { code: '262179' } },
    });
    expect(await send(shore(), 'POST', '/api/coast/lighthouses/nobody/light', { json: {} })).toMatchObject({
      status: 404,
      json: { error: { code: '4', target: 'uuid' } },
    });
  });

  test('has no other verb', async () => {
    for (const method of ['GET', 'HEAD', 'PATCH', 'DELETE'])
      expect(await send(shore(), method, path)).toMatchObject({
        status: 405,
        headers: { allow: 'OPTIONS, POST' },
      });
    expect(await send(shore(), 'OPTIONS', path)).toMatchObject({ headers: { allow: 'OPTIONS, POST' } });
  });

  test('is a surplus element of the path before it is there', async () => {
    expect(await send(shore('9.15.1'), 'POST', path, { json: {} })).toMatchObject({ status: 404 });
    expect(await send(shore(), 'POST', `${path}/again`, { json: {} })).toMatchObject({ status: 404 });
    expect(await send(shore(), 'POST', '/api/coast/lighthouses/a/dark', { json: {} })).toMatchObject({
      status: 404,
    });
  });

  test('is described with its key and its answer', () => {
    const { paths } = openApiDocument({
      title: 'Coast',
      version: '1',
      release: '9.18.1',
      resources: [...coastResources(), light],
    });
    expect(paths['/coast/lighthouses/{uuid}/light']).toMatchObject({
      parameters: [{ name: 'uuid', in: 'path', required: true }],
      post: { summary: 'Light the lamp', responses: { '200': {}, '404': {}, '409': {} } },
    });
  });
});
