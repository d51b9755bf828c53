import type { OpenApiDocument } from '@esplanade/ontap';
import { expect, it } from 'vitest';
import { errorCatalogue } from './error-catalogue.ts';
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
