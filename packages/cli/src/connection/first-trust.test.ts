import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { issueCertificate } from '@esplanade/domain/testing/certificates';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordingTerminal } from '../testing/recording-terminal.ts';
import { type TrustRequest, trustServer } from './first-trust.ts';

let server: Server;
let url: URL;
let fingerprint: string;

beforeAll(async () => {
  const names = Array.from({ length: 50 }, (_, index) => `DNS:host${index}.example.com`);
  const { certificate, key } = issueCertificate({
    subject: '/CN=harbour\u001b[2J',
    extensions: [`subjectAltName=${names.join(',')}`],
    notAfter: new Date(Date.now() - 1_000),
  });
  fingerprint = new X509Certificate(certificate).fingerprint256;
  server = createServer({ cert: certificate, key }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const never = new AbortController().signal;
const pinnedBefore = { kind: 'certificate', fingerprint: 'AB:'.repeat(31).concat('AB') } as const;

function request(said: Partial<TrustRequest> = {}): TrustRequest {
  return {
    url,
    profile: undefined,
    fingerprint: undefined,
    authorities: undefined,
    known: undefined,
    isUnseen: false,
    connectTimeoutMs: undefined,
    environment: {},
    ...said,
  };
}

describe('a certificate that is shown to a person', () => {
  it.each([
    ['not known', {}],
    ['another one than was known', { known: pinnedBefore, profile: 'a-profile-with-a-long-name' }],
  ])('and is %s fits the screen, and moves no cursor', async (_, said) => {
    const terminal = recordingTerminal({ columns: 80, answers: ['n'] });
    await expect(trustServer(request(said), terminal, never)).rejects.toThrow('not trusted');
    const lines = terminal.notes.split('\n');
    expect(lines.length).toBeLessThan(24);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(terminal.notes).not.toContain('\u001b');
    expect(terminal.notes).toContain('harbour');
    expect(terminal.notes).toContain('and 42 more');
  });

  it('says where to read the fingerprint on Esplanade, and on an ONTAP', async () => {
    const terminal = recordingTerminal({ columns: 80, answers: ['n'] });
    await expect(trustServer(request(), terminal, never)).rejects.toThrow();
    expect(terminal.notes).toContain('openssl x509 -in DATA_DIR/tls.crt -noout -sha256 -fingerprint');
    expect(terminal.notes).toContain('ONTAP');
  });
});

describe('a certificate that nobody can be asked about', () => {
  it('is told with the line that trusts it, to be pasted whole, of the profile that was named', async () => {
    const trusted = trustServer(request({ profile: 'lab' }), recordingTerminal(), never);
    const hex = fingerprint.replaceAll(':', '');
    await expect(trusted).rejects.toThrow(
      `  esplanade login ${url.origin} -profile lab \\\n  -fingerprint ${hex}`,
    );
  });
});

describe('ESPLANADE_INSECURE', () => {
  it('has a certificate believed for this login, and keeps nothing of it', async () => {
    const terminal = recordingTerminal();
    expect(await trustServer(request({ isUnseen: true }), terminal, never)).toEqual({
      now: { kind: 'certificate', fingerprint },
      kept: { kind: 'system' },
    });
    expect(terminal.notes).toContain('believed unseen');
  });

  it('puts no certificate in the place of a known one: that is asked about, or refused', async () => {
    const changed = request({ isUnseen: true, known: pinnedBefore });
    await expect(trustServer(changed, recordingTerminal(), never)).rejects.toThrow('has CHANGED');
    const terminal = recordingTerminal({ answers: ['y'] });
    const pinned = { kind: 'certificate', fingerprint };
    expect(await trustServer(changed, terminal, never)).toEqual({ now: pinned, kept: pinned });
    expect(terminal.notes).toContain('has CHANGED');
  });

  it('leaves the authorities that are known', async () => {
    const known = {
      kind: 'authorities',
      pem: issueCertificate({ subject: '/CN=other' }).certificate,
    } as const;
    const { kept } = await trustServer(request({ isUnseen: true, known }), recordingTerminal(), never);
    expect(kept).toEqual(known);
  });
});
