import { addRoutes, createApp } from '../app.ts';
import { defaultEdgeLimits } from '../edge/edge-limits.ts';
import { type Authenticator, createAuthenticator } from '../logins/authenticator.ts';
import { BasicLogins } from '../logins/basic-logins.ts';
import type { Credentialed } from '../logins/login-result.ts';
import { hashPassword } from '../logins/password-hash.ts';
import { makeSelfSigned } from '../tls/self-signed.ts';
import { tlsContext } from '../tls/tls-context.ts';

/**
 * The edge of the server with nothing behind it: every request is answered with the same kilobyte, as fast as can be. What a
 * login costs is seen best where nothing else does. Argument: `basic`, or `none` for requests that are believed as they are.
 * Prints its port. The account is `admin`, its password `password`.
 */
const isAsked = process.argv[2] === 'basic';
const account: Credentialed = { name: 'admin', scope: { kind: 'cluster' }, role: 'admin' };
const known = {
  ...account,
  authenticationMethods: ['password'],
  passwordHash: await hashPassword('password'),
  isLocked: false,
} as const;
const logins = new BasicLogins({
  find: (login) => (login === known.name ? known : undefined),
  rates: defaultEdgeLimits.failedLogins,
});
const believing: Authenticator = { authenticate: () => ({ kind: 'authenticated', account }) };
const app = createApp({ level: 'warn', format: 'text' }, (line) => process.stderr.write(line));
app.server.setSecureContext(tlsContext(await makeSelfSigned(['localhost']), false));
const answer = {
  status: 200,
  headers: { 'content-type': 'application/hal+json' },
  body: JSON.stringify({ records: 'x'.repeat(1_000) }),
};
const empty = async (): Promise<never> => {
  throw new Error('there is nothing behind this edge');
};
addRoutes(app, {
  api: { handle: async () => answer },
  authenticator: isAsked ? createAuthenticator(logins, { find: () => undefined }) : believing,
  openApi: () => '',
  docs: () => undefined,
  health: empty,
  metrics: empty,
  maySeeMetrics: () => false,
  onLoginRefused: () => undefined,
  onUnheard: () => undefined,
  onRefused: async () => undefined,
  onAnswered: () => undefined,
});
await app.listen({ host: '127.0.0.1', port: 0 });
const address = app.server.address();
if (address === null || typeof address === 'string') throw new Error('no port');
process.stdout.write(`listening ${address.port}\n`);
