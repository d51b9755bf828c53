import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { startTestServer, type TestServer, testPassword } from '@esplanade/server/testing';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';

/** Runs in the page, and tells the server of the page what it finds. */
const script = `
  const tell = (found) => fetch('/told', { method: 'POST', body: JSON.stringify(found) });
  addEventListener('error', ({ message }) => tell(message));
  import { connect, ConflictError } from '@esplanade/sdk';
  const api = connect({ url: location.origin, user: 'admin', password: ${JSON.stringify(testPassword)} });
  const policies = api.collection('/security/ipsec/policies');
  const [local_endpoint, remote_endpoint] = ['192.0.2.1', '192.0.2.2'].map((address) => ({ address, netmask: '32' }));
  const bypass = { action: 'bypass', protocol: 'tcp', local_endpoint, remote_endpoint };
  for (const name of ['a', 'b*', 'c']) await policies.create({ ...bypass, name });
  const names = [];
  for await (const { name } of policies.orderBy('name', 'desc').pageSize(2)) names.push(name);
  const refused = await policies.create({ ...bypass, name: 'a' }).catch((error) => error);
  const nobody = connect({ url: 'http://127.0.0.1:1', retries: 0 });
  const unreached = await nobody.record('/cluster').get().catch((error) => error.name);
  const deleted = await policies.where('name', '=', 'b*').delete();
  await tell({
    names, deleted, left: await policies.count(), unreached,
    refused: [refused instanceof ConflictError, refused.code],
  });
`;

let api: TestServer;
let page: Server;
let origin: string;
let bundle: Awaited<ReturnType<typeof bundled>>;
let told = Promise.withResolvers<unknown>();

beforeAll(async () => {
  [api, bundle] = await Promise.all([startTestServer(), bundled(script)]);
  // A console is served by the server that it asks: the page and the API are of one origin.
  page = createServer(async (request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    if (url === '/told') {
      // Chromium ends when the page is loaded, and the image is when there is nothing more to tell.
      if (method === 'POST') told.resolve(JSON.parse((await buffer(request)).toString()));
      else await told.promise;
      response.end();
      return;
    }
    if (!url.startsWith('/api/')) {
      response
        .setHeader('content-type', 'text/html')
        .end(`<script type="module">${bundle.text}</script><img src="/told">`);
      return;
    }
    const { authorization = '', accept = '', 'content-type': type } = headers;
    const body = await buffer(request);
    const sent = { authorization, accept, ...(type === undefined ? {} : { 'content-type': type }) };
    const answer = await api.request(method, url, body.length === 0 ? undefined : body, sent);
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.text);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => page.once('listening', resolve));
  const { port } = page.address() as AddressInfo;
  origin = `http://127.0.0.1:${port}`;
});

afterAll(async () => {
  page?.close();
  await api?.close();
});

async function bundled(contents: string, minify = false) {
  const resolveDir = fileURLToPath(new URL('.', import.meta.url));
  const result = await build({
    stdin: { contents, resolveDir },
    bundle: true,
    platform: 'browser',
    format: 'esm',
    write: false,
    metafile: true,
    minify,
  });
  const inputs = Object.values(result.metafile.inputs);
  return { text: result.outputFiles[0]?.text ?? '', imports: inputs.flatMap(({ imports }) => imports) };
}

it('a bundle for browsers has nothing of Node, and nothing but the SDK', () => {
  const paths = bundle.imports.map(({ path }) => path);
  expect(paths.length).toBeGreaterThan(5);
  expect(paths.filter((path) => !/^packages\/sdk\/src\/[a-z-]+\.ts$/.test(path))).toEqual([]);
});

it('all of the SDK for browsers stays under the 20 KB that decision 19 tells', async () => {
  const { text } = await bundled("export * from '@esplanade/sdk'", true);
  expect(Buffer.byteLength(text)).toBeLessThan(20_000);
});

it('asks, pages, writes and fails in Chromium as anywhere', async () => {
  const profile = await mkdtemp(join(tmpdir(), 'esplanade-chromium-'));
  try {
    told = Promise.withResolvers();
    const flags = ['--no-sandbox', `--user-data-dir=${profile}`, '--dump-dom'];
    await runCommand('chromium-headless-shell', [...flags, origin], { timeoutMilliseconds: 60_000 });
    expect(await told.promise).toEqual({
      names: ['c', 'b*', 'a'],
      refused: [true, '66257104'],
      unreached: 'ConnectionError',
      deleted: 1,
      left: 2,
    });
  } finally {
    await rm(profile, { recursive: true });
  }
});
