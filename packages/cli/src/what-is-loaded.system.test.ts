import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { selfSigned } from '../../sdk/src/testing/self-signed.ts';

const program = fileURLToPath(new URL('../../../bin/esplanade', import.meta.url));
const show = ['security', 'ipsec', 'policy', 'show'];

/** What a person waits for at every start, beside the work itself. */
interface Loaded {
  /** Files of ours, and where among them a connection was begun: `connection`. */
  readonly files: readonly string[];
  /** Modules of Node, by its own names for them. */
  readonly ofNode: readonly string[];
}

const reporter = `const files = [];
  process.getBuiltinModule('node:module').registerHooks({
    load: (url, context, next) => { if (url.startsWith('file:')) files.push(url); return next(url, context); },
  });
  const { subscribe } = process.getBuiltinModule('node:diagnostics_channel');
  subscribe('net.client.socket', () => files.push('connection'));
  process.on('exit', () => {
    const ofNode = process.moduleLoadList.filter((name) => name.startsWith('NativeModule '))
      .map((name) => name.slice('NativeModule '.length));
    process.stderr.write(JSON.stringify({ files, ofNode }));
  });`;

/** Requests as `GET /path connection 1`. */
let requests: string[];
let server: Server;
let url: string;
let owners: readonly (string | undefined)[];

beforeEach(async () => {
  requests = [];
  const connections = new Map<unknown, number>();
  server = createServer(selfSigned('localhost'), ({ method, url: asked = '', socket }, answer) => {
    connections.set(socket, connections.get(socket) ?? connections.size + 1);
    requests.push(`${method} ${asked.replace(/\?.*/, '')} connection ${connections.get(socket)}`);
    const records = owners.map((name, index) => ({
      name: `p${index}`,
      ...(name !== undefined && { vserver: name, svm: { name } }),
    }));
    answer.end(
      JSON.stringify(
        asked === '/api/cluster' ? { name: 'cluster1' } : { records, num_records: records.length },
      ),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  url = `https://127.0.0.1:${typeof address === 'object' ? address?.port : undefined}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function run(words: readonly string[]): Promise<{ readonly output: string; readonly loaded: Loaded }> {
  const child = spawn(program, words, {
    env: {
      ...process.env,
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(reporter)}`,
      ESPLANADE_URL: url,
      ESPLANADE_PASSWORD: 'of nobody',
      ESPLANADE_INSECURE: '1',
    },
  });
  const [output, errors, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  expect(status, errors).toBe(0);
  return { output, loaded: JSON.parse(errors) };
}

describe('a start of the command', () => {
  it('asks for a table in one request', async () => {
    owners = ['svm1', 'svm2'];
    expect((await run(show)).output).toContain('svm2');
    expect(requests).toEqual(['GET /api/private/cli/security/ipsec/policy connection 1']);
  });

  it("asks for the cluster's name once, on the same connection, where records are the cluster's", async () => {
    owners = [undefined, 'svm1', undefined];
    const { output } = await run(['security', 'certificate', 'show']);
    expect(output.match(/cluster1/g)).toHaveLength(2);
    expect(requests).toEqual([
      'GET /api/security/certificates connection 1',
      'GET /api/cluster connection 1',
    ]);
  });

  it('asks for the names that Tab completes in one request', async () => {
    owners = ['svm1'];
    expect((await run(['__complete', 'zsh', '', ...show, '-name'])).output).toContain('p0');
    expect(requests).toEqual(['GET /api/security/ipsec/policies connection 1']);
  });

  // Imports of node:fs, node:crypto and node:http bring these along, because they read all that those modules export.
  it('loads of Node what TLS needs, and not what its modules only export', async () => {
    owners = ['svm1'];
    const unused = [
      'internal/fs/promises',
      'internal/readline/interface',
      'internal/crypto/webcrypto',
      'internal/deps/undici/undici',
    ];
    for (const words of [show, ['__complete', 'zsh', '', ...show, '-name']]) {
      const { ofNode } = (await run(words)).loaded;
      expect(ofNode).toContain('tls');
      expect(ofNode.filter((name) => unused.includes(name))).toEqual([]);
    }
  });

  it('loads nothing for --help that speaks to servers or reads files', async () => {
    owners = [];
    const { ofNode, files } = (await run(['--help'])).loaded;
    expect(ofNode.filter((name) => ['tls', 'https', '_http_client', 'os'].includes(name))).toEqual([]);
    expect(files.filter((file) => /\/(sdk|connection|directory|output)\//.test(file))).toEqual([]);
    expect(files.length).toBeLessThanOrEqual(20);
  });

  it('connects before it loads what lays the answer out', async () => {
    owners = ['svm1'];
    const { files } = (await run(show)).loaded;
    const afterwards = files.slice(files.indexOf('connection') + 1).map((file) => file.replace(/.*\//, ''));
    expect(afterwards).toEqual(expect.arrayContaining(['layout.ts', 'table.ts', 'text-width.ts']));
  });

  it('loads of ours what a table needs: each file more costs every start', async () => {
    owners = ['svm1'];
    const { files } = (await run(show)).loaded;
    expect(files.filter((file) => /\/(generated|shell|status|top|completion|watch)\//.test(file))).toEqual(
      [],
    );
    expect(files.filter((file) => file !== 'connection').length).toBeLessThanOrEqual(69);
  });
});
