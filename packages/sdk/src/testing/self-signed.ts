import { execFileSync } from 'node:child_process';

/** As Node's servers take them: PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** A key and the certificate for one name that it has signed itself. */
export function selfSigned(name: string): KeyPair {
  const text = execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...[
        '-subj',
        `/O=Example/CN=${name}`,
        '-addext',
        `subjectAltName=DNS:${name}`,
        '-keyout',
        '-',
        '-out',
        '-',
      ],
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const [key = '', cert = ''] = text.split(/(?=-----BEGIN CERTIFICATE)/);
  return { cert, key };
}
