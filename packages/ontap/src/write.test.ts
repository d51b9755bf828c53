import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { coast, send } from './lighthouses.fixture.ts';

const lighthouses = '/api/coast/lighthouses';

describe('POST', () => {
  test('answers 201, where the record is, and an empty object', async () => {
    const { status, headers, json } = await send(coast(), 'POST', `${lighthouses}?return_timeout=30`, {
      json: { name: 'n' },
    });
    expect({ status, location: headers['location'], json }).toEqual({
      status: 201,
      location: `${lighthouses}/new%2Fn`,
      json: {},
    });
  });

  test('return_records=true shows the record', async () => {
    const { json } = await send(coast(), 'POST', `${lighthouses}?return_records=true`, {
      json: { name: 'n' },
      accept: 'application/json',
    });
    expect(json).toEqual({
      num_records: 1,
      records: [{ uuid: 'new/n', name: 'n', svm: { uuid: 'svm-1', name: 'atlantic' } }],
    });
  });

  test('hands over the parameters that the resource declared, and refuses filters', async () => {
    const shore = coast();
    await send(shore, 'POST', `${lighthouses}?force=true`, { json: { name: 'n' } });
    expect(shore.station.parameters).toEqual([new Map([['force', 'true']])]);
    const { json } = await send(shore, 'POST', `${lighthouses}?name=n`, { json: { name: 'n' } });
    expect(json.error).toMatchObject({ code: '262179', target: 'name' });
  });

  test('refuses a boolean parameter that is none, and one said both ways', async () => {
    for (const [query, code] of [
      ['force=maybe', '262197'],
      ['force=', '262197'],
      ['force=true&force=no', '262188'],
    ]) {
      const shore = coast();
      const { status, json } = await send(shore, 'POST', `${lighthouses}?${query}`, { json: { name: 'n' } });
      expect([status, json.error]).toMatchObject([400, { code, target: 'force' }]);
      expect(shore.station.bodies).toEqual([]);
    }
  });

  test('creates several records', async () => {
    const shore = coast();
    const { status, json, headers } = await send(shore, 'POST', lighthouses, {
      json: { records: [{ name: 'a' }, { name: 'b' }] },
    });
    expect({ status, json }).toEqual({ status: 201, json: { num_records: 2 } });
    expect(headers).not.toHaveProperty('location');
    expect([...shore.station.records.keys()]).toEqual(expect.arrayContaining(['new/a', 'new/b']));
  });

  test('creates nothing while one of several bodies has a problem', async () => {
    const shore = coast();
    const { json } = await send(shore, 'POST', lighthouses, {
      json: { records: [{ name: 'a' }, { name: 'b', flavour: 1 }], name: 'c' },
    });
    expect(json.error).toMatchObject({
      code: '262186',
      target: 'name',
      arguments: [{ code: '262179', message: 'records[1]: Unexpected argument "flavour".' }],
    });
    expect(shore.station.bodies).toEqual([]);
  });

  const withDuplicate = { records: [{ name: 'a' }, { name: 'pharos' }, { name: 'b' }] };

  test('stops at the first failure and counts what was done', async () => {
    const shore = coast();
    const { status, json } = await send(shore, 'POST', lighthouses, { json: withDuplicate });
    expect(status).toBe(409);
    expect(json).toEqual({
      num_records: 1,
      error: { code: '77000001', message: 'records[1]: exists', target: 'records[1].name' },
    });
    expect(shore.station.records.has('new/b')).toBe(false);
  });

  test('goes on after a failure when told to', async () => {
    const url = `${lighthouses}?continue_on_failure=true&serial_records=true`;
    const { status, json } = await send(coast(), 'POST', url, { json: withDuplicate });
    expect([status, json.num_records]).toEqual([409, 2]);
  });
});

describe('PATCH and DELETE of an instance', () => {
  test('PATCH answers 200 and an empty object', async () => {
    const shore = coast();
    const { status, json } = await send(shore, 'PATCH', `${lighthouses}/u1?return_timeout=30&force=1`, {
      json: { name: 'new' },
    });
    expect({ status, json }).toEqual({ status: 200, json: {} });
    expect(shore.station.records.get('u1')?.name).toBe('new');
    expect(shore.station.parameters).toEqual([new Map([['force', 'true']])]);
  });

  test('PATCH shows the record when asked to', async () => {
    const url = `${lighthouses}/u3?return_records=true&fields=name`;
    const { json } = await send(coast(), 'PATCH', url, {
      json: { name: 'new' },
      accept: 'application/json',
    });
    expect(json).toEqual({ num_records: 1, records: [{ uuid: 'u3', name: 'new' }] });
  });

  test('PATCH of a singleton reaches it', async () => {
    const shore = coast();
    const { json } = await send(shore, 'PATCH', '/api/coast?return_timeout=30', { json: { size: '64' } });
    expect(json).toEqual({});
    expect(shore.station.bodies).toEqual([new Map([['size', 64]])]);
    const refused = await send(shore, 'PATCH', '/api/coast', { json: { size: 65 } });
    expect(refused.json.error).toMatchObject({ code: '262185', target: 'size' });
  });

  test.each([
    [{ svm: { name: 'a' } }, '262196', 'svm.name'],
    [{ uuid: 'u1' }, '262196', 'uuid'],
    [{ records: [] }, '262179', 'records'],
    [{ name: 'forbidden' }, '8', 'name'],
  ])('PATCH %j is refused with %s', async (json, code, target) => {
    const { json: answer } = await send(coast(), 'PATCH', `${lighthouses}/u1`, { json });
    expect(answer.error).toMatchObject({ code, target });
  });

  test.each([undefined, '{}', 'null', ' ', '{"_links":{}}', '{"records":[]}', '{"records":[{"uuid":"u1"}]}'])(
    'DELETE with the body %s deletes',
    async (text) => {
      const shore = coast();
      const ask = text === undefined ? {} : { text };
      const { status, json } = await send(shore, 'DELETE', `${lighthouses}/u1?return_timeout=30`, ask);
      expect({ status, json }).toEqual({ status: 200, json: {} });
      expect(shore.station.records.has('u1')).toBe(false);
    },
  );

  test.each([
    ['garbage{', '262201', undefined],
    ['{"a":1,}', '262199', undefined],
    ['{"a":', '262200', undefined],
    ['[1,2]', '262255', undefined],
    ['7', '262185', undefined],
    ['{"foo":"bar"}', '262179', 'foo'],
    ['{"name":"fastnet"}', '262196', 'name'],
    ['{"records":[{"uuid":"u2"}]}', '262179', 'records'],
    ['{"records":[{"uuid":"u1"},{"uuid":"u2"}]}', '262179', 'records'],
    ['{"records":[{}]}', '262177', 'records[0].uuid'],
    ['{"records":{"uuid":"u1"}}', '262179', 'records'],
  ])('DELETE with the body %s is refused with %s', async (text, code, target) => {
    const shore = coast();
    const { status, json } = await send(shore, 'DELETE', `${lighthouses}/u1`, { text });
    expect([status, json.error?.code, json.error?.target]).toEqual([400, code, target]);
    expect(shore.station.records.size).toBe(3);
  });

  test('DELETE shows the record as it was when asked to, and only then', async () => {
    const ask = { accept: 'application/json' };
    const url = `${lighthouses}/u1?fields=name`;
    const shown = await send(coast(), 'DELETE', `${url}&return_records=true`, ask);
    expect(shown.json).toEqual({ num_records: 1, records: [{ uuid: 'u1', name: 'fastnet' }] });
    const hidden = await send(coast(), 'DELETE', `${url}&return_records=false`, ask);
    expect(hidden.json).toEqual({});
  });

  test.each([
    ...['max_records=1', 'order_by=name', '$orderBy=name', 'start=x'],
    ...['continue_on_failure=true', 'serial_records=true'],
  ])('%s is for several records', async (query) => {
    const refused = { status: 400, json: { error: { code: '262179', target: query.split('=')[0] } } };
    for (const [method, path] of [
      ['PATCH', `${lighthouses}/u1`],
      ['DELETE', `${lighthouses}/u1`],
      ['PATCH', '/api/coast'],
    ] as const)
      expect(await send(coast(), method, `${path}?${query}`)).toMatchObject(refused);
  });

  test('what is not there cannot be changed', async () => {
    for (const method of ['PATCH', 'DELETE']) {
      const { status, json } = await send(coast(), method, `${lighthouses}/u9`, { json: {} });
      expect([status, json.error?.code]).toEqual([404, '4']);
    }
  });
});

describe('PATCH and DELETE of a collection', () => {
  test.each(['PATCH', 'DELETE'])('%s without a query or records changes nothing', async (method) => {
    const shore = coast();
    const { status, json } = await send(shore, method, lighthouses, { json: {} });
    expect([status, json.error?.code]).toEqual([400, '262177']);
    expect(shore.station.records.size).toBe(3);
  });

  test('PATCH changes what the query selects', async () => {
    const shore = coast();
    const url = `${lighthouses}?svm.name=atlantic&return_records=true&fields=name`;
    const { status, json } = await send(shore, 'PATCH', url, { json: { name: 'x' } });
    expect([status, json.num_records]).toEqual([200, 2]);
    expect(json.records).toMatchObject([{ name: 'x' }, { name: 'x' }]);
    expect(shore.station.records.get('u3')?.name).toBe('pharos');
  });

  test('DELETE shows what was there, page by page', async () => {
    const shore = coast();
    const url = `${lighthouses}?svm.name=atlantic&max_records=1&return_records=true`;
    const first = await send(shore, 'DELETE', url, { accept: 'application/json' });
    expect(first.json.records).toMatchObject([{ uuid: 'u1', name: 'fastnet' }]);
    const second = await send(shore, 'DELETE', first.json._links?.next?.href ?? '');
    expect(second.json).toMatchObject({ num_records: 1, records: [{ uuid: 'u2' }] });
    expect([...shore.station.records.keys()]).toEqual(['u3']);
  });

  test('DELETE by query ends after `return_timeout`, and its link goes on from there', async () => {
    const five = ['a', 'b', 'c', 'd', 'e'].map((name) => ({
      ...{ uuid: name, name, svmUuid: 'svm-1', svmName: 'atlantic' },
    }));
    const shore = coast(five);
    let nowMs = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
      nowMs += 600;
      return nowMs;
    });
    onTestFinished(() => clock.mockRestore());
    const url = `${lighthouses}?svm.name=atlantic&return_timeout=1&order_by=name%20desc`;
    const first = await send(shore, 'DELETE', url);
    expect(first).toMatchObject({ status: 200, json: { num_records: 2 } });
    expect([...shore.station.records.keys()]).toEqual(['a', 'b', 'c']);
    const second = await send(shore, 'DELETE', first.json._links?.next?.href ?? '');
    expect(second.json.num_records).toBe(2);
    const third = await send(shore, 'DELETE', second.json._links?.next?.href ?? '');
    expect(third.json.num_records).toBe(1);
    expect(third.json._links?.next).toBeUndefined();
    expect(shore.station.records.size).toBe(0);
  });

  test('DELETE by query without `return_timeout` ends when all is done', async () => {
    const shore = coast();
    let nowMs = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
      nowMs += 60_000;
      return nowMs;
    });
    onTestFinished(() => clock.mockRestore());
    const { json } = await send(shore, 'DELETE', `${lighthouses}?svm.name=atlantic&return_timeout=0`);
    expect(json.num_records).toBe(2);
  });

  test('DELETE of records by key, and PATCH of each with its own body', async () => {
    const shore = coast();
    const patched = await send(shore, 'PATCH', lighthouses, {
      json: {
        records: [
          { uuid: 'u1', name: 'a' },
          { uuid: 'u2', name: 'b' },
        ],
      },
    });
    expect(patched.json.num_records).toBe(2);
    expect(shore.station.records.get('u2')?.name).toBe('b');
    await send(shore, 'DELETE', lighthouses, { json: { records: [{ uuid: 'u1' }, { uuid: 'u2' }] } });
    expect([...shore.station.records.keys()]).toEqual(['u3']);
  });

  test.each([
    [{ records: [{ name: 'a' }] }, '262177', 'records[0].uuid'],
    [{ records: [{ uuid: 'u1' }, { uuid: 'u9' }] }, '4', 'records[1].uuid'],
    [{ records: [7] }, '262185', 'records[0]'],
  ])('PATCH of %j is refused whole', async (json, code, target) => {
    const shore = coast();
    const answer = await send(shore, 'PATCH', lighthouses, { json });
    expect(answer.json.error).toMatchObject({ code, target });
    expect(shore.station.bodies).toEqual([]);
  });

  test.each([{}, 'u1', 7])('records that are %j and no array are refused', async (records) => {
    for (const method of ['POST', 'PATCH', 'DELETE']) {
      const { status, json } = await send(coast(), method, lighthouses, { json: { records } });
      expect([status, json.error]).toMatchObject([400, { code: '262197', target: 'records' }]);
      expect(json.error?.message).toContain('<array>');
    }
  });

  test.each(['PATCH', 'DELETE'])('%s by query goes past what somebody else deleted', async (method) => {
    const shore = coast();
    const url = `${lighthouses}?svm.name=atlantic&return_records=true&fields=name&order_by=uuid`;
    const first = send(shore, method, url, { json: method === 'PATCH' ? { name: 'x' } : {} });
    shore.station.records.delete('u2');
    const { status, json } = await first;
    expect([status, json.num_records, json.records]).toMatchObject([200, 1, [{ uuid: 'u1' }]]);
  });

  test('DELETE by query that was overtaken goes on from where it ended', async () => {
    const shore = coast([
      ...['a', 'b', 'c', 'd'].map((name) => ({ uuid: name, name, svmUuid: 's', svmName: 's' })),
    ]);
    let nowMs = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
      nowMs += 600;
      return nowMs;
    });
    onTestFinished(() => clock.mockRestore());
    const pending = send(shore, 'DELETE', `${lighthouses}?svm.name=s&return_timeout=1`);
    shore.station.records.delete('a');
    const first = await pending;
    expect([first.status, first.json.num_records]).toEqual([200, 1]);
    const second = await send(shore, 'DELETE', first.json._links?.next?.href ?? '');
    expect([second.json.num_records, shore.station.records.size]).toEqual([2, 0]);
  });

  test('records that are gone are no success where the body names them', async () => {
    const shore = coast();
    const pending = send(shore, 'DELETE', lighthouses, {
      json: { records: [{ uuid: 'u1' }, { uuid: 'u2' }] },
    });
    shore.station.records.delete('u2');
    const { status, json } = await pending;
    expect([status, json]).toMatchObject([404, { num_records: 1, error: { code: '4' } }]);
  });

  test('a failure says which record it was, beside what was done', async () => {
    const shore = coast();
    const { status, json } = await send(shore, 'DELETE', `${lighthouses}?name=*&order_by=name`);
    expect(status).toBe(409);
    expect(json).toMatchObject({ num_records: 2, error: { code: '8', message: 'u3: resource in use' } });
  });
});
