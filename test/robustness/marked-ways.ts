import { createPrivateKey } from 'node:crypto';
import { issueAuthority, issueHost } from '@esplanade/domain/testing/certificates';
import type { RawRequest } from '../support/https-client.ts';
import { body } from '../support/operator.ts';
import type { MarkedKeys } from './marked-keys.ts';

/** A request that carries a secret, whatever becomes of it. */
export interface MarkedRequest {
  readonly what: string;
  readonly request: RawRequest;
  /** The secret stands where none belongs, and the answer may quote it to the one who sent it. Nothing else may. */
  readonly isQuoted?: boolean;
}

const certificates = '/api/security/certificates';
const accounts = '/api/security/accounts';
const policies = '/api/security/ipsec/policies';

/** Secrets of other kinds than pre-shared keys, and places where people put one by mistake. */
export function otherWays(keys: MarkedKeys): readonly MarkedRequest[] {
  return [
    ...privateKeys(keys),
    ...passwords(keys),
    ...logins(keys),
    ...urlsAndHeaders(keys),
    ...policyWays(keys),
    ...wrongFields(keys),
  ];
}

function request(
  what: string,
  method: string,
  path: string,
  sent?: object,
  headers?: RawRequest['headers'],
): MarkedRequest {
  return {
    what,
    request: {
      method,
      path,
      ...(sent !== undefined && { body: JSON.stringify(sent) }),
      ...(headers !== undefined && { headers }),
    },
  };
}

/** Taken, of another certificate, encrypted, cut off, in the field of the certificate. */
function privateKeys(keys: MarkedKeys): readonly MarkedRequest[] {
  const root = issueAuthority('/CN=root of the marked');
  const host = issueHost({ subject: '/CN=host of the marked', issuer: root });
  const other = issueHost({ subject: '/CN=other of the marked', issuer: root });
  for (const [label, { key }] of Object.entries({ root, host, other }))
    keys.add(`private key of the ${label}`, scalarOf(key));
  const encrypted = createPrivateKey(other.key).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: keys.text('passphrase', 24),
  });
  const install = (what: string, fields: object) => request(what, 'POST', certificates, fields);
  return [
    install('root_ca with its key', {
      type: 'root_ca',
      public_certificate: root.certificate,
      private_key: root.key,
    }),
    install('server with its key', {
      type: 'server',
      public_certificate: host.certificate,
      private_key: host.key,
    }),
    install('key of another', {
      type: 'server',
      name: 'x',
      public_certificate: host.certificate,
      private_key: other.key,
    }),
    install('encrypted key', {
      type: 'server',
      name: 'x',
      public_certificate: other.certificate,
      private_key: encrypted,
    }),
    install('key cut off', {
      type: 'server',
      name: 'x',
      public_certificate: other.certificate,
      private_key: other.key.slice(0, -40),
    }),
    install('key as certificate', {
      type: 'server',
      name: 'x',
      public_certificate: other.key,
      private_key: other.certificate,
    }),
    install('key misspelt', {
      type: 'server',
      name: 'x',
      public_certificate: other.certificate,
      private_kye: other.key,
    }),
    {
      ...install('key as name', { type: 'server', name: other.key, public_certificate: other.certificate }),
      isQuoted: true,
    },
    { ...install('key as type', { type: other.key, public_certificate: other.certificate }), isQuoted: true },
    install('key in a filter', {}),
    {
      ...request('key as filter', 'GET', `${certificates}?name=${encodeURIComponent(other.key)}`),
      isQuoted: true,
    },
  ];
}

function passwords(keys: MarkedKeys): readonly MarkedRequest[] {
  const password = (label: string) => keys.key(label, 'symbols');
  const make = (what: string, fields: object) =>
    request(what, 'POST', accounts, { name: 'marked', role: { name: 'readonly' }, ...fields });
  const kept = password('password of an account');
  const login = `Basic ${Buffer.from(`marked:${kept}`).toString('base64')}`;
  return [
    make('account', { password: kept }),
    request('login', 'GET', accounts, undefined, { authorization: login }),
    {
      ...request('own password changed', 'PATCH', `${accounts}?name=marked`, {
        password: password('new password'),
      }),
    },
    make('password misspelt', { passwort: password('misspelt password') }),
    make('password of an object', { password: { value: password('password in an object') } }),
    make('password of a name taken', { name: 'admin', password: password('password of admin') }),
    make('password that is too long', { name: 'longer', password: keys.text('long password', 200) }),
    make('password with name', { name: 'named', password: `named${password('password with name')}` }),
    {
      ...make('password as name', { name: password('password as name'), password: password('p1') }),
      isQuoted: true,
    },
    {
      ...make('password as role', {
        name: 'rolled',
        role: { name: keys.text('password as role', 24) },
        password: password('p2'),
      }),
      isQuoted: true,
    },
    request(
      'filter by password',
      'GET',
      `${accounts}?password=${encodeURIComponent(password('filter by password'))}`,
    ),
    request('ONTAP password', 'POST', '/api/security/authentication/password', {
      name: 'marked',
      password: password('authentication/password'),
    }),
  ];
}

/** What people type where a name and a password belong. */
function logins(keys: MarkedKeys): readonly MarkedRequest[] {
  const as = (what: string, authorization: string) =>
    request(what, 'GET', '/api/cluster', undefined, { authorization });
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  return [
    as('wrong password', basic(`admin:${keys.key('wrong password', 'symbols')}`)),
    as('unknown user', basic(`nobody:${keys.key('password of nobody', 'symbols')}`)),
    as('password as user', basic(`${keys.text('password as user', 24)}:`)),
    as(
      'password as user, twice',
      basic(`${keys.text('password as user twice', 24)}:${keys.text('and again', 24)}`),
    ),
    as('password as SVM', basic(`${keys.text('password as SVM', 24)}\\keeper:x`)),
    as('Basic in clear', `Basic admin:${keys.text('Basic in clear', 24)}`),
    as('Bearer', `Bearer ${keys.text('bearer', 40)}`),
    as('Digest', `Digest username="admin", response="${keys.text('digest', 32)}"`),
  ];
}

function urlsAndHeaders(keys: MarkedKeys): readonly MarkedRequest[] {
  const text = (label: string) => keys.text(label, 24);
  const written = (label: string) => encodeURIComponent(keys.key(label, 'symbols'));
  const get = (what: string, path: string, headers?: RawRequest['headers']) =>
    request(what, 'GET', path, undefined, headers);
  const quoted = (one: MarkedRequest): MarkedRequest => ({ ...one, isQuoted: true });
  return [
    quoted(get('in the path', `${policies}/${written('path')}`)),
    quoted(get('in a path that is none', `/api/security/${text('path that is none')}/x`)),
    get('outside of the API', `/${written('outside')}`),
    get('in the documentation', `/docs/api/${text('documentation')}`),
    quoted(get('as a parameter', `${policies}?${text('parameter')}=1`)),
    quoted(get('as a value of a filter', `${policies}?name=${written('filter')}`)),
    quoted(get('as a query', `${policies}?query=${written('query')}&query_fields=name`)),
    quoted(get('as an order', `${policies}?order_by=${text('order')}`)),
    quoted(get('as a page', `${policies}?start=${text('page')}`)),
    quoted(get('as fields', `${policies}?fields=${text('fields')}`)),
    get('as user and password of the URL', `https://admin:${text('userinfo')}@localhost/api/cluster`),
    get('in a cookie', '/api/cluster', { cookie: `session=${text('cookie')}` }),
    get('in a proxy header', '/api/cluster', { 'proxy-authorization': `Basic ${text('proxy')}` }),
    get('in headers of others', '/api/cluster', {
      'x-api-key': text('x-api-key'),
      'user-agent': text('user-agent'),
      'x-request-id': text('x-request-id'),
      referer: `https://localhost/${text('referer')}`,
      'x-dot-client-app': text('client app'),
      'if-none-match': `"${text('if-none-match')}"`,
    }),
    quoted(get('as an SVM', '/api/cluster', { 'x-dot-svm-name': text('svm header') })),
    quoted(get('as an SVM by its UUID', '/api/cluster', { 'x-dot-svm-uuid': text('svm uuid header') })),
    quoted(
      request(
        'in If-Match',
        'PATCH',
        '/api/security/ipsec',
        { enabled: true },
        { 'if-match': `"${text('if-match')}"` },
      ),
    ),
    request('in a method', `X${text('method').toUpperCase()}`, '/api/cluster'),
  ];
}

function policyWays(keys: MarkedKeys): readonly MarkedRequest[] {
  const wish = (last: number, fields: object) => ({
    ...body({
      name: `marked${last}`,
      local: '10.9.0.1',
      remote: `10.9.0.${last}`,
      secretKey: keys.key(`way ${last}`, 'symbols'),
    }),
    ...fields,
  });
  const post = (what: string, sent: object) => request(what, 'POST', policies, sent);
  return [
    post(
      'with a post-quantum key',
      wish(101, { ppk: { identity: 'who', shared_key: keys.key('ppk', 'symbols') } }),
    ),
    post('several, one of them wrong', { records: [wish(102, {}), wish(103, { protocol: 'nonsense' })] }),
    post('names of members repeated', wish(104, { 'secret_key.more': keys.text('secret_key.more', 24) })),
    request('through the command line', 'POST', '/api/private/cli/security/ipsec/policy', {
      vserver: 'svm1',
      policy: 'marked105',
      local_ip_subnets: '10.9.0.1/32',
      remote_ip_subnets: '10.9.0.105/32',
      shared_key: keys.key('private/cli', 'symbols'),
    }),
    request('changed by query', 'PATCH', `${policies}?name=marked101`, {
      secret_key: keys.key('changed by query', 'symbols'),
    }),
    {
      ...request('key of a revocation list’s URL', 'POST', '/api/esplanade/v1/certificate-revocation-lists', {
        certificate: { uuid: 'x' },
        url: `https://user:${keys.text('password of a URL', 24)}@example.org/x.crl`,
      }),
      isQuoted: true,
    },
    request('sent to an action', 'POST', `${certificates}/x/sign`, {
      signing_request: keys.text('signing request', 40),
    }),
  ];
}

/** In fields that are shown, and take something else. */
function wrongFields(keys: MarkedKeys): readonly MarkedRequest[] {
  const text = (label: string) => keys.text(label, 64);
  const ways = [
    request('key as lines', 'POST', certificates, {
      type: 'client',
      public_certificate: 'x',
      intermediate_certificates: [
        '-----BEGIN PRIVATE KEY-----',
        text('line of a key'),
        '-----END PRIVATE KEY-----',
      ],
    }),
    request('key without armour', 'POST', certificates, {
      type: 'client',
      public_certificate: text('key without armour'),
      key_size: 1,
    }),
    request('as an action', 'POST', policies, { name: 'x', action: text('action') }),
    request('as an action of several', 'POST', policies, {
      records: [{ name: 'x', action: text('actions') }],
    }),
    request('as an address', 'POST', policies, { local_endpoint: { address: text('address') } }),
    request('as a name', 'POST', policies, { name: text('name') }),
    request(
      'as filters',
      'DELETE',
      `${policies}?enabled=${text('enabled')}&action=${text('filter by action')}`,
    ),
    request('as a parameter', 'DELETE', `${policies}?name=nobody&force=${text('force')}`),
    request('as a list and its URL', 'PATCH', '/api/esplanade/v1/certificate-revocation-lists?scope=x', {
      url: `https://user:a/${text('password after a slash')}@example.org/x.crl`,
      crl: text('list'),
    }),
  ];
  return ways.map((way) => ({ ...way, isQuoted: true }));
}

/** The number that an elliptic curve's key is. */
function scalarOf(pem: string): Uint8Array {
  const { d = '' } = createPrivateKey(pem).export({ format: 'jwk' });
  return Buffer.from(d, 'base64url');
}
