import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { issueCertificate } from '@esplanade/domain/testing/certificates';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { commandTable } from '../command-table.ts';
import { execute } from '../execute.ts';
import { type RecordingTerminalOptions, recordingTerminal } from '../testing/recording-terminal.ts';

let server: Server;
/** What the job is said to be, one after the other; the last one stays. */
let states: string[] = [];

beforeAll(async () => {
  const { certificate, key } = issueCertificate({ subject: '/CN=localhost' });
  server = createServer({ cert: certificate, key }, ({ method, url = '' }, answer) => {
    const say = (body: object) => answer.end(JSON.stringify(body));
    if (method === 'PATCH') {
      answer.writeHead(202);
      say({ job: { uuid: 'j1' } });
    } else if (url.startsWith('/api/cluster/jobs/')) {
      const [state] = states.length > 1 ? states.splice(0, 1) : states;
      say({ uuid: 'j1', state, message: 'Out of space.', code: 9 });
    } else say({});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Begins a job and waits for it. */
async function ran(
  said: readonly string[],
  options: RecordingTerminalOptions,
  words: readonly string[] = [],
) {
  states = [...said];
  const terminal = recordingTerminal(options);
  const environment = {
    ESPLANADE_URL: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ESPLANADE_USER: 'admin',
    ESPLANADE_PASSWORD: 'secret',
    ESPLANADE_INSECURE: '1',
    XDG_CONFIG_HOME: '/nonexistent',
  };
  const { signal } = new AbortController();
  const line = ['security', 'ipsec', 'config', 'modify', '-is-enabled', 'true', ...words];
  const status = await execute(line, { commands: commandTable, terminal, environment, signal });
  return { status, output: terminal.output, notes: terminal.notes };
}

const sitting = { columns: 80, answers: [] };

it('a job that is waited for is told on a terminal, in a line that is gone when it has ended', async () => {
  const { status, notes } = await ran(['queued', 'running', 'success'], sitting);
  expect(status).toBe(0);
  const line = (state: string) => `\r\x1b[KWaiting for job j1, which is ${state}.`;
  expect(notes).toContain(`${line('queued')}${line('running')}\r\x1b[K`);
  expect(notes.endsWith('\r\x1b[K')).toBe(true);
  const failed = await ran(['running', 'failure'], sitting);
  expect(failed.notes).toContain(`${line('running')}\r\x1b[Kesplanade: Out of space.`);
});

it('a job that ends at once is not told, and none where nobody sits', async () => {
  expect((await ran(['success'], sitting)).notes).not.toContain('Waiting');
  expect((await ran(['running', 'success'], {})).notes).not.toContain('Waiting');
});

it('a job is waited for no longer than -timeout says', async () => {
  const { status, notes } = await ran(['running'], {}, ['-timeout', '1']);
  expect(status).toBe(7);
  expect(notes).toContain(
    'esplanade: Job j1 is running, and 1 s were waited for its end. It may have been done',
  );
});
