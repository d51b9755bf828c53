import { isKnownIn, type OpenApiDocument, openApiDocument } from '@esplanade/ontap';
import { expect, it } from 'vitest';
import { errorCatalogue } from './error-catalogue.ts';
import { allResources } from './resources/index.ts';
import { ipsecErrors } from './resources/ipsec-error-codes.ts';
import { provocations } from './testing/provocations/index.ts';
import { startTestServer } from './testing/test-server.ts';

it('every error that a request was seen to be answered with is told of in OpenAPI', async () => {
  const server = await startTestServer();
  const document: OpenApiDocument = (await server.request('GET', '/openapi.json')).body;
  await server.close();
  const templates = Object.keys(document.paths).map(
    (path) => [path, new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+')}$`)] as const,
  );
  const untold = new Set<string>();
  for (const { id, code, status, until } of errorCatalogue) {
    // A warning beside records is no refusal; what HTTP refuses did not reach an operation.
    if (status === 200 || id.startsWith('edge.') || until !== undefined) continue;
    for (const { method, path } of provocations[id] ?? []) {
      const [own = ''] = path.split('?', 1);
      const template = templates.find(([, pattern]) => pattern.test(own))?.[0];
      const item = document.paths[template ?? ''];
      const operation = item?.[method.toLowerCase() as 'get'];
      const told: unknown = operation?.responses[`${status}`]?.['x-ontap-codes'];
      const isTold = Array.isArray(told) && told.some((entry) => entry.code === code);
      if (operation !== undefined && !isTold) untold.add(`${method} ${template}: ${status} ${code}, ${id}`);
    }
  }
  expect([...untold]).toEqual([]);
});

it.each(['9.8', '9.9.1', '9.10.1', '9.15.1', '9.16.1', '9.17.1'])(
  '%s tells in OpenAPI of no error that is about a newer field',
  async (release) => {
    const server = await startTestServer();
    const resources = allResources(server.parts);
    await server.close();
    const { paths } = openApiDocument({ title: 'Esplanade', version: '1', resources, release });
    const newer = new Set<string>();
    for (const { path, fields } of resources) {
      const named = (isThere: boolean) =>
        Object.keys(fields)
          .filter((name) => isKnownIn(release, fields[name] ?? {}) === isThere)
          .flatMap((name) => [name, name.replace(/\..*/, '')]);
      const known = new Set(named(true));
      const later = named(false).filter((name) => !known.has(name));
      if (later.length === 0) continue;
      const pattern = new RegExp(`\\b(${later.join('|').replaceAll('.', '\\.')})\\b`);
      for (const verb of ['get', 'post', 'patch', 'delete'] as const) {
        for (const { 'x-ontap-codes': told = [] } of Object.values(paths[path]?.[verb]?.responses ?? {}))
          for (const { code, message } of told)
            if (pattern.test(message)) newer.add(`${path}: ${code} ${message}`);
      }
    }
    // Speaks of a certificate, which is a word before it is a field.
    const spoken = `/security/ipsec/policies: 66257111 ${ipsecErrors.protectionWithoutKeyFormerly.message}`;
    expect([...newer].filter((told) => told !== spoken)).toEqual([]);
  },
);
