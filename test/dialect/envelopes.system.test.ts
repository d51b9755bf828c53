import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LineServer, lifs, type Sent } from './line-server.ts';

let server: LineServer;
beforeAll(async () => {
  server = await LineServer.start();
});
afterAll(() => server.stop());

const send = (line: string, sent?: Sent) => server.send(line, sent);
const json = { headers: { accept: 'application/json' } };
const links = { self: { href: expect.stringMatching(/^\/api\//) } };
const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/);
const netmask = '24';

describe('which fields come back', () => {
  const lif1 = { uuid, name: 'lif1' };
  const svm = { name: 'svm1', uuid };
  const ipspace = { name: 'Default', uuid };
  const ip = { address: '192.0.2.10', netmask, family: 'ipv4' };
  const rest = { scope: 'svm', enabled: true };
  const all = { ...lif1, ...rest, svm, ipspace, ip };

  test.each([
    ['default fields of a collection', '?name=lif1', lif1],
    ['default fields where fields= is empty', '?name=lif1&fields=', lif1],
    ['fields=*', '?name=lif1&fields=*', all],
    ['fields=**', '?name=lif1&fields=**', all],
    ['fields=%2A, as clients write it', '?name=lif1&fields=%2A', all],
    ['one field, and the key beside it', '?name=lif1&fields=enabled', { ...lif1, enabled: true }],
    ['an object', '?name=lif1&fields=ip', { ...lif1, ip }],
    ['a part of an object', '?name=lif1&fields=ip.address', { ...lif1, ip: { address: ip.address } }],
    [
      'several, with %2C between',
      '?name=lif1&fields=scope%2Csvm.name',
      { ...lif1, scope: 'svm', svm: { name: 'svm1' } },
    ],
    [
      'an object without a part',
      '?name=lif1&fields=ip,!ip.family',
      { ...lif1, ip: { address: ip.address, netmask } },
    ],
    ['everything but an object', '?name=lif1&fields=*,!ip', { ...lif1, ...rest, svm, ipspace }],
    ['everything but, said shortly', '?name=lif1&fields=!ip', { ...lif1, ...rest, svm, ipspace }],
    [
      'the key, even where it is to be left out',
      '?name=lif1&fields=!uuid,!svm,!ip,!ipspace',
      { ...lif1, ...rest },
    ],
    [
      'filtered fields echoed',
      '?enabled=true&svm.name=svm1',
      { ...lif1, enabled: true, svm: { name: 'svm1' } },
    ],
    [
      'filtered fields echoed beside those asked for',
      '?ip.address=192.0.2.10&fields=enabled',
      { ...lif1, enabled: true, ip: { address: ip.address } },
    ],
    [
      'unknown fields left out with ignore_unknown_fields',
      '?name=lif1&fields=enabled,nonsense,ip.x&ignore_unknown_fields=true',
      { ...lif1, enabled: true },
    ],
    ['only unknown fields, of a tag', '?name=lif1&fields=harvestTag&ignore_unknown_fields=true', lif1],
  ])('%s', async (_, query, record) => {
    const { status, body } = await send(`GET ${lifs}${query}`, json);
    expect({ status, body }).toEqual({ status: 200, body: { records: [record], num_records: 1 } });
  });

  test.each([
    ['all of an instance', '', all],
    ['all of an instance where fields= is empty', '?fields=', all],
    ['part of an instance', '?fields=enabled', { ...lif1, enabled: true }],
    ['an instance without an object', '?fields=!ip,!svm,!ipspace', { ...lif1, ...rest }],
  ])('%s', async (_, query, record) => {
    expect((await send(`GET ${lifs}/{lif1}${query}`, json)).body).toEqual(record);
  });

  test('unset fields are left out, and not null', async () => {
    const { body } = await send(`GET ${lifs}/{lif4}`, json);
    expect(body).not.toHaveProperty('svm');
    expect(await send(`GET ${lifs}?svm.name=!x&fields=*`, json)).toMatchObject({ body: { num_records: 3 } });
  });

  test.each([
    ['nonsense', 'nonsense'],
    ['enabled,ip.nonsense', 'ip.nonsense'],
    ['!nonsense', 'nonsense'],
    ['ip.address.more', 'ip.address.more'],
  ])('fields=%s is refused', async (fields, named) => {
    for (const path of [lifs, `${lifs}/{lif1}`]) {
      const { status, body } = await send(`GET ${path}?fields=${fields}`);
      expect({ status, body }).toMatchObject({
        status: 400,
        body: { error: { code: '262197', target: 'fields', message: expect.stringContaining(`"${named}"`) } },
      });
    }
  });
});

describe('links', () => {
  test.each([
    ['*/*', 'application/hal+json'],
    ['application/hal+json', 'application/hal+json'],
    ['application/json, */*', 'application/hal+json'],
    ['text/html', 'application/hal+json'],
    ['', 'application/hal+json'],
    ['application/json', 'application/json'],
    ['Application/JSON', 'application/json'],
    ['application/json; charset=utf-8', 'application/json'],
    ['application/json;q=0.9', 'application/json'],
  ])('Accept: %s is answered as %s', async (accept, type) => {
    for (const line of [
      `GET ${lifs}?name=lif1`,
      `GET ${lifs}/{lif1}`,
      `GET ${lifs}/none`,
      'GET /api/nowhere',
    ]) {
      const { headers, text } = await send(line, { headers: { accept } });
      expect(headers['content-type']).toBe(type);
      expect(text.includes('_links')).toBe(type === 'application/hal+json' && !line.includes('no'));
    }
  });

  test('there are links to the collection with its query, to records, and to what they refer to', async () => {
    const { body } = await send(`GET ${lifs}?name=lif1&fields=svm,ipspace,enabled`);
    expect(body).toMatchObject({
      _links: { self: { href: `${lifs}?name=lif1&fields=svm,ipspace,enabled` } },
      records: [
        {
          _links: { self: { href: server.withUuids(`${lifs}/{lif1}`) } },
          svm: { _links: { self: { href: server.withUuids('/api/svm/svms/{svm1}') } } },
          ipspace: { _links: links },
        },
      ],
    });
  });

  test('a singleton has one to itself', async () => {
    expect((await send('GET /api/security/ipsec')).body).toMatchObject({
      _links: { self: { href: '/api/security/ipsec' } },
    });
  });
});

describe('counts, pages and order', () => {
  const byAddress = ['lif2', 'lif1', 'lif3', 'lif4'];
  test.each([
    ['addresses as numbers', 'ip.address', byAddress],
    ['asc, said', 'ip.address asc', byAddress],
    ['desc', 'ip.address desc', byAddress.toReversed()],
    ['several terms', 'enabled desc,ip.address', ['lif1', 'lif4', 'lif2', 'lif3']],
    ['several terms, each its way', 'enabled asc,ip.address desc', ['lif3', 'lif2', 'lif4', 'lif1']],
    ['unset last', 'svm.name,ip.address', ['lif3', 'lif2', 'lif1', 'lif4']],
    ['unset last, going down too', 'svm.name desc,ip.address', ['lif2', 'lif1', 'lif3', 'lif4']],
  ])('order_by: %s', async (_, order, names) => {
    for (const name of ['order_by', '$orderBy']) {
      const { body } = await send(`GET ${lifs}?${name}=${encodeURIComponent(order)}`);
      expect(Object(body).records.map((each: { name: string }) => each.name)).toEqual(names);
    }
  });

  test('next keeps every parameter and goes on behind the last record, and Link says the same', async () => {
    const asked = `${lifs}?max_records=3&fields=ip.address&order_by=ip.address%20desc&enabled=true|false&pretty=false&return_timeout=30`;
    const first = await send(`GET ${asked}`, json);
    const { _links: firstLinks, records, num_records } = Object(first.body);
    expect([records.length, num_records]).toEqual([3, 3]);
    const { href } = firstLinks.next;
    expect(href.slice(0, href.lastIndexOf('&'))).toBe(asked);
    expect(href).toMatch(/&start=[\w-]+$/);
    expect(firstLinks).toEqual({ next: { href } });
    expect(first.headers['link']).toBe(`<${href}>; rel="next"`);
    const second = await send(`GET ${href}`, json);
    expect(second.body).toEqual({ records: [expect.objectContaining({ name: 'lif2' })], num_records: 1 });
    expect(second.headers).not.toHaveProperty('link');
    expect(records.map(({ name }: { name: string }) => name)).toEqual(['lif4', 'lif3', 'lif1']);
  });

  test('every page has _links for who asks for links, the last one without next', async () => {
    const { body } = await send(`GET ${lifs}?max_records=4`);
    expect(Object(body)._links).toEqual({ self: { href: `${lifs}?max_records=4` } });
  });

  test('next survives a doubled slash before it, as a client writes it', async () => {
    const { body } = await send(`GET ${lifs}?max_records=3`);
    const href = String(Object(body)._links.next.href).replace('/api/', '/api//');
    expect(await send(`GET ${href}`)).toMatchObject({ status: 200, body: { num_records: 1 } });
  });

  test.each([
    ['return_records=false gives the count alone', '?return_records=false', { num_records: 4 }],
    ['return_records=false with a filter', '?return_records=false&enabled=false', { num_records: 2 }],
    ['no record at all is an empty list', '?name=none', { records: [], num_records: 0 }],
    ['max_records beyond all', '?max_records=99999&return_records=false', { num_records: 4 }],
  ])('%s', async (_, query, body) => {
    expect((await send(`GET ${lifs}${query}`, json)).body).toEqual(body);
  });

  test.each([
    ['max_records=0', 'max_records'],
    ['max_records=-1', 'max_records'],
    ['max_records=many', 'max_records'],
    ['return_timeout=121', 'return_timeout'],
    ['return_timeout=-1', 'return_timeout'],
    ['return_timeout=1.5', 'return_timeout'],
    ['return_timeout=', 'return_timeout'],
    ['return_records=perhaps', 'return_records'],
    ['order_by=nonsense', 'order_by'],
    ['order_by=name%20sideways', 'order_by'],
    ['order_by=ip', 'order_by'],
    ['order_by=name,name%20desc', 'order_by'],
    ['pretty=perhaps', 'pretty'],
    ['ignore_unknown_fields=perhaps', 'ignore_unknown_fields'],
    ['start=nonsense', 'start'],
  ])('%s is refused', async (query, target) => {
    const { status, body } = await send(`GET ${lifs}?${query}`);
    expect({ status, body }).toMatchObject({ status: 400, body: { error: { code: '262197', target } } });
  });

  test.each([
    ['return_records=no', { num_records: 4 }],
    ['return_records=0&pretty=off', { num_records: 4 }],
    ['ignore_unknown_fields=yes&fields=nonsense&name=none', { num_records: 0, records: [] }],
    ['order_by=name,name&name=none', { num_records: 0, records: [] }],
  ])('%s is understood', async (query, body) => {
    expect(await send(`GET ${lifs}?${query}`, json)).toMatchObject({ status: 200, body });
  });

  test('query_fields without query is refused', async () => {
    const { status, body } = await send(`GET ${lifs}?query_fields=name`);
    expect({ status, body }).toMatchObject({
      status: 400,
      body: { error: { code: '262194', target: 'query' } },
    });
  });

  test.each([
    ['garbage{', '262201'],
    ['{"foo":"bar"}', '262179'],
    ['[1,2]', '262255'],
    ['{"records":[{"uuid":"{lif2}"}]}', '262179'],
  ])('DELETE of one record with the body %s is refused', async (body, code) => {
    const answer = await send(`DELETE ${lifs}/{lif1}`, { body: server.withUuids(body) });
    expect(answer).toMatchObject({ status: 400, body: { error: { code } } });
    expect((await send(`GET ${lifs}/{lif1}`)).status).toBe(200);
  });

  test('records that are no array are refused as such', async () => {
    const { status, body } = await send(`POST ${lifs}`, { body: '{"records":{"name":"r9"}}' });
    expect({ status, body }).toMatchObject({
      status: 400,
      body: { error: { code: '262197', target: 'records', message: expect.stringContaining('<array>') } },
    });
  });

  test('an encoded slash is no separator', async () => {
    for (const path of ['/api/network/ip%2Finterfaces', '/api/network%2Fip/interfaces'])
      expect(await send(`GET ${path}`)).toMatchObject({ status: 404, body: { error: { code: '3' } } });
  });

  test('return_timeout is taken from 0 to 120 by every verb', async () => {
    for (const seconds of [0, 15, 120]) {
      expect((await send(`GET ${lifs}?return_timeout=${seconds}`)).status).toBe(200);
      const patched = await send(`PATCH ${lifs}/{lif1}?return_timeout=${seconds}`, { body: '{}' });
      expect(patched).toMatchObject({ status: 200, body: {} });
    }
    expect((await send(`PATCH ${lifs}/{lif1}?return_timeout=121`, { body: '{}' })).status).toBe(400);
    expect((await send(`DELETE ${lifs}/none?return_timeout=121`)).status).toBe(400);
  });
});

describe('what clients ask first', () => {
  const version = { full: expect.stringContaining('9.18.1'), generation: 9, major: 18, minor: 1 };
  const oneNode = { num_records: 1, records: [{ uuid, name: expect.any(String), _links: links }] };
  test.each([
    ['the release', '/api/cluster?fields=version', { version, _links: links }],
    ['all of the cluster', '/api/cluster?fields=*', { name: expect.any(String), uuid, version }],
    [
      'tags that no cluster has',
      '/api/cluster?ignore_unknown_fields=true&fields=ontapMcpTag,linux,9.18.1',
      { _links: links },
    ],
    ['the nodes, with empty fields', '/api/cluster/nodes?max_records=1024&fields=', oneNode],
    [
      'the state of the nodes',
      '/api/cluster/nodes?fields=version,state',
      { records: [{ state: 'up', version }] },
    ],
    ['the SVMs, with empty fields', '/api/svm/svms?max_records=1024&fields=', { num_records: 2 }],
    [
      'the UUID of an SVM',
      '/api/svm/svms?name=svm1&fields=uuid',
      { num_records: 1, records: [{ uuid, name: 'svm1' }] },
    ],
    [
      'the IPspace and the state of an SVM',
      '/api/svm/svms?name=alpha&fields=ipspace,state,subtype',
      { records: [{ ipspace: { name: 'Default', uuid }, state: 'running', subtype: 'default' }] },
    ],
    ['the IPspaces', '/api/network/ipspaces?fields=**', { records: [{ uuid, name: 'Default' }] }],
    [
      'the addresses of an SVM',
      '/api/network/ip/interfaces?svm.name=svm1&fields=ip.address,ip.netmask&order_by=name',
      { records: [{ ip: { address: '192.0.2.10' } }, { ip: { address: '192.0.2.9', netmask: '32' } }] },
    ],
    ['jobs, of which there are none', '/api/cluster/jobs?fields=*&max_records=1024', { num_records: 0 }],
    [
      'a singleton as if it were a collection',
      '/api/security/ipsec?max_records=1024&fields=&order_by=enabled&return_records=true',
      { enabled: false, replay_window: 0, _links: links },
    ],
  ])('%s', async (_, path, body) => {
    expect(await send(`GET ${path}`)).toMatchObject({ status: 200, body });
  });
});
