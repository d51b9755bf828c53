import { isKnownIn, type OpenApiDocument, openApiDocument } from '@esplanade/ontap';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { allResources } from './resources/index.ts';
import { type Described, DescribedApi, exampleOf, schemaOf } from './testing/described-api.ts';
import { schemaViolations } from './testing/schema-violations.ts';
import { type Answer, goodPolicy, startTestServer } from './testing/test-server.ts';

const server = await startTestServer();
const document: OpenApiDocument = (await server.request('GET', '/openapi.json')).body;
const api = new DescribedApi(server, document);
const named = (described: Described) =>
  [`${described.method.toUpperCase()} ${described.path}`, described] as const;
const rows = api.operations().map(named);
const rowsOf = (...methods: readonly string[]) =>
  rows.filter(([, { method }]) => methods.includes(method.toUpperCase()));

/** The keys that stand behind a collection's path. */
function keysBehind({ path, key }: Readonly<{ path: string; key: string | readonly string[] }>) {
  return [key].flat().flatMap((name) => (path.includes(`{${name}}`) ? [] : [`{${name}}`]));
}

/** There is no job, so asking for one is refused. */
const withoutRecord = '/cluster/jobs/{uuid}';
/** What was listed may be gone: it is of policies that examples made and deleted. */
const passing = '/security/ipsec/security-associations/{uuid}';
const patience = { timeout: 15_000 };

beforeAll(async () => {
  await server.request('PATCH', '/api/security/ipsec', { enabled: true });
  expect((await server.request('POST', '/api/security/ipsec/policies', goodPolicy)).status).toBe(201);
  await vi.waitFor(async () => {
    const { body } = await server.request('GET', '/api/security/ipsec/security-associations');
    expect(body.num_records).toBeGreaterThan(0);
  }, patience);
});
afterAll(() => server.close());

function sendExample(described: Described): Promise<Answer> {
  const send = () => api.sendExample(described);
  if (described.path !== passing) return send();
  return vi.waitFor(async () => {
    const answer = await send();
    expect(answer.status).not.toBe(404);
    return answer;
  }, patience);
}

describe('the OpenAPI document of this server', () => {
  it.each(['9.8', '9.10.1', '9.16.1', '9.18.1'])('is valid when %s is emulated', async (release) => {
    const resources = allResources(server.parts);
    const emulated = openApiDocument({ title: 'Esplanade', version: '1', resources, release });
    const asSent = JSON.parse(JSON.stringify(emulated));
    expect(await new Validator().validate(asSent)).toEqual({ valid: true });
  });

  it('has the paths of the descriptors and no other', () => {
    const known = allResources(server.parts).filter((each) => isKnownIn(server.parts.ontapVersion, each));
    const paths = known.flatMap((resource) =>
      resource.kind === 'collection'
        ? [resource.path, [resource.path, ...keysBehind(resource)].join('/')]
        : [resource.path],
    );
    expect(Object.keys(document.paths)).toEqual(paths);
  });

  it.each(Object.entries(document.paths))(
    'has those methods of %s that the router serves',
    async (path, item) => {
      for (const method of ['get', 'head', 'options', 'post', 'patch', 'put', 'delete']) {
        const { status } = await server.request(method.toUpperCase(), `/api${path}?no-such-argument=1`);
        expect([method, status !== 405]).toEqual([method, method in item]);
      }
    },
  );

  it.each(rows)('shows an example of %s that is answered as it says', async (_, described) => {
    const { path, method, operation } = described;
    const isRefused = path === withoutRecord && method !== 'options';
    const answer = isRefused
      ? await server.request(method.toUpperCase(), '/api/cluster/jobs/none')
      : await sendExample(described);
    const good = Object.keys(operation.responses).find((status) => status.startsWith('2'));
    expect(answer).toMatchObject({ status: isRefused ? 404 : Number(good) });
    const response = operation.responses[`${answer.status}`];
    const body =
      method === 'head' ? answer.text : schemaViolations(document, schemaOf(response), answer.body, 'answer');
    expect(body).toHaveLength(0);
    for (const header of Object.keys(response?.headers ?? {}))
      if (header !== 'Link') expect(answer.headers).toHaveProperty(header.toLowerCase());
  });

  it.each(rows)('shows bodies of %s that are what their schemas say', (_, { operation }) => {
    const { requestBody, responses } = operation;
    const schema = requestBody?.content['application/hal+json']?.schema;
    if (schema !== undefined) {
      const example = exampleOf(requestBody?.content);
      expect(schemaViolations(document, { ...schema }, example, 'request')).toEqual([]);
    }
    for (const response of Object.values(responses)) {
      const example = exampleOf(response.content);
      if (example !== undefined)
        expect(schemaViolations(document, schemaOf(response), example, 'answer')).toEqual([]);
    }
  });

  it.each(rowsOf('GET'))(
    'has filters of %s that are taken as they are shown',
    async (_, { path, operation }) => {
      if (path.includes('{')) return;
      for (const { name, in: place, example } of api.parametersOf(operation)) {
        if (place !== 'query' || example === undefined) continue;
        const query = api.requiredQuery(operation);
        query.set(name, String(example));
        const { status, text } = await server.request('GET', `/api${path}?${query}`);
        expect([name, status, text]).toEqual([name, 200, text]);
      }
    },
  );

  it.each(rowsOf('GET', 'POST', 'PATCH', 'DELETE'))(
    'tells how %s refuses what is unknown',
    async (_, described) => {
      const { path, method, operation } = described;
      const { status, body } = await server.request(method.toUpperCase(), `/api${path}?nonsense=1`);
      const response = operation.responses[`${status}`];
      expect(status).toBe(400);
      expect(schemaViolations(document, schemaOf(response), body, 'answer')).toEqual([]);
      expect(response?.['x-ontap-codes']?.map(({ code }) => code)).toContain(body.error.code);
    },
  );

  it.each(rowsOf('GET', 'PATCH', 'DELETE').filter(([, { path }]) => path.includes('{')))(
    'tells how %s refuses a key that nothing has',
    async (_, { path, method, operation }) => {
      const unknown = `/api${path.replace(/\{[^}]+\}/g, 'unknown')}`;
      const { status, body } = await server.request(method.toUpperCase(), unknown);
      const response = operation.responses[`${status}`];
      expect(status).toBe(404);
      expect(schemaViolations(document, schemaOf(response), body, 'answer')).toEqual([]);
      expect(response?.['x-ontap-codes']?.map(({ code }) => code)).toContain(body.error.code);
    },
  );

  it.each(rowsOf('POST'))('says what %s cannot do without', async (_, described) => {
    const { path, operation } = described;
    const name = `${path.slice(1).replace(/\W+/g, '_')}.post`;
    const { required, properties } = document.components.schemas[name] ?? {};
    expect(required !== undefined).toBe(Object.keys(Object(properties)).length > 0);
    for (const member of Array.isArray(required) ? required : []) {
      expect(exampleOf(operation.requestBody?.content)).toHaveProperty([member]);
      const { status, body } = await api.sendExample(described, member);
      expect([member, status]).toEqual([member, 400]);
      expect(body.error.target.split('.')[0]).toBe(member);
    }
  });
});
