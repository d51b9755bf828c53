import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { issueCertificate } from '@esplanade/domain/testing/certificates';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordingTerminal } from '../testing/recording-terminal.ts';
import { trustServer } from './first-trust.ts';

let server: Server;
let url: URL;

beforeAll(async () => {
  const names = Array.from({ length: 50 }, (_, index) => `DNS:host${index}.example.com`);
  const { certificate, key } = issueCertificate({
    subject: '/CN=harbour\u001b[2J',
    extensions: [`subjectAltName=${names.join(',')}`],
    notAfter: new Date(Date.now() - 1_000),
  });
  server = createServer({ cert: certificate, key }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('a certificate that is shown to a person', () => {
  it('fits the screen, and moves no cursor', async () => {
    const terminal = recordingTerminal({ columns: 80, answers: ['n'] });
    const request = {
      url,
      fingerprint: undefined,
      authorities: undefined,
      known: undefined,
      isUnseen: false,
      connectTimeoutMs: undefined,
      environment: {},
    };
    await expect(trustServer(request, terminal, new AbortController().signal)).rejects.toThrow('not trusted');
    const lines = terminal.notes.split('\n');
    expect(lines.length).toBeLessThan(24);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(terminal.notes).not.toContain('\u001b');
    expect(terminal.notes).toContain('harbour');
    expect(terminal.notes).toContain('and 42 more');
  });
});
