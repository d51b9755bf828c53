/** What stands for the credentials of an administrator, so that shapes can be kept and read. */
export const authorizationPlace = '{authorization}';

const lines = (...all: readonly string[]): string => all.map((line) => `${line}\r\n`).join('');
const get = (path = '/healthz', ...headers: readonly string[]): string =>
  lines(`GET ${path} HTTP/1.1`, 'Host: localhost', ...headers, '');

/** Would make an SVM, were it taken for a request of its own. */
const hiddenBody = '{"name":"smuggled"}';
const hidden = `${lines(
  'POST /api/svm/svms HTTP/1.1',
  'Host: localhost',
  `Authorization: ${authorizationPlace}`,
  `Content-Length: ${hiddenBody.length}`,
  '',
)}${hiddenBody}`;
const post = (framing: readonly string[], body: string): string =>
  `${lines('POST /api/cluster HTTP/1.1', 'Host: localhost', `Authorization: ${authorizationPlace}`, ...framing, '')}${body}`;

/**
 * Requests of which two readers would not agree where they end, or whom they are for (RFC 9112 3.2, 6.3, 11.2), mostly with
 * another one in what one of them takes for a body. A proxy before us may be one of the readers, so all have to be refused, and nothing read after them.
 */
export const ambiguous: Readonly<Record<string, string>> = {
  'length and chunks': post(
    [`Content-Length: ${hidden.length + 5}`, 'Transfer-Encoding: chunked'],
    `0\r\n\r\n${hidden}`,
  ),
  'chunks and length': post(['Transfer-Encoding: chunked', 'Content-Length: 4'], `0\r\n\r\n${hidden}`),
  'two lengths': post(['Content-Length: 0', `Content-Length: ${hidden.length}`], hidden),
  'lengths in a list': post([`Content-Length: 0, ${hidden.length}`], hidden),
  'a signed length': post(['Content-Length: +0'], hidden),
  'a negative length': post(['Content-Length: -1'], hidden),
  'a length in hexadecimal': post(['Content-Length: 0x0'], hidden),
  'a length with a space within': post(['Content-Length: 0 0'], hidden),
  'a length beyond all numbers': post([`Content-Length: ${'9'.repeat(40)}`], hidden),
  'a space before the colon': post(
    ['Transfer-Encoding : chunked', 'Content-Length: 5'],
    `0\r\n\r\n${hidden}`,
  ),
  'a folded coding': post(['Transfer-Encoding:', ' chunked', 'Content-Length: 5'], `0\r\n\r\n${hidden}`),
  'an unknown coding': post(['Transfer-Encoding: xchunked', 'Content-Length: 5'], `0\r\n\r\n${hidden}`),
  'chunked not last': post(
    ['Transfer-Encoding: chunked, identity', 'Content-Length: 5'],
    `0\r\n\r\n${hidden}`,
  ),
  'two codings': post(['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], `0\r\n\r\n${hidden}`),
  'a coding behind a bare CR': post(
    ['X: y\rTransfer-Encoding: chunked', 'Content-Length: 5'],
    `0\r\n\r\n${hidden}`,
  ),
  'a coding behind a bare LF': post(
    ['X: y\nTransfer-Encoding: chunked', 'Content-Length: 5'],
    `0\r\n\r\n${hidden}`,
  ),
  'a NUL in the coding': post(['Transfer-Encoding: chunked\0', 'Content-Length: 5'], `0\r\n\r\n${hidden}`),
  'a chunk size with a sign': post(['Transfer-Encoding: chunked'], `-0\r\n\r\n${hidden}`),
  'a chunk size with 0x': post(['Transfer-Encoding: chunked'], `0x0\r\n\r\n${hidden}`),
  'a chunk size without end': post(['Transfer-Encoding: chunked'], `${'0'.repeat(40)}f\r\n${hidden}`),
  'a chunk longer than its size': post(['Transfer-Encoding: chunked'], `1\r\nabc\r\n0\r\n\r\n${hidden}`),
  'a chunk ended by LF': post(['Transfer-Encoding: chunked'], `1\na\n0\n\n${hidden}`),
  'no host': hidden.replace('Host: localhost\r\n', ''),
  'two hosts': hidden.replace('Host: localhost', 'Host: localhost\r\nHost: example.org'),
  'lines ended by LF': post(['Content-Length: 0'], '').replaceAll('\r\n', '\n') + hidden,
};

/** What is no ambiguity, but what few send: each is read to its end, and answered or refused. */
export const unusual: Readonly<Record<string, string>> = {
  'one request': get(),
  'without anything': '',
  'empty lines first': `\r\n\r\n${get()}`,
  'fifty at once': get().repeat(50),
  'half of a second one': `${get()}${get().slice(0, 20)}`,
  'a good one behind a bad one': `${get('/nowhere')}${get()}`,
  'a good one behind nonsense': `nonsense\r\n\r\n${get()}`,
  'a body for GET': `${get('/api/cluster', `Authorization: ${authorizationPlace}`, 'Content-Length: 2')}{}`,
  'in chunks': post(['Transfer-Encoding: chunked'], '2;x="y"\r\n{}\r\n0\r\nTrailer: x\r\n\r\n'),
  'expects to be let go on': post(['Expect: 100-continue', 'Content-Length: 2'], '{}'),
  'HTTP/2 with prior knowledge': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0',
  'HTTP/2 by upgrade': get(
    '/healthz',
    'Connection: Upgrade, HTTP2-Settings',
    'Upgrade: h2c',
    'HTTP2-Settings: AAMAAABkAAQAAP__',
  ),
  websocket: get(
    '/healthz',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
  ),
  'HTTP/1.0': lines('GET /healthz HTTP/1.0', ''),
  'HTTP/0.9': 'GET /healthz\r\n',
  'HTTP/3.0': lines('GET /healthz HTTP/3.0', 'Host: localhost', ''),
  'the target of a proxy': get('https://example.org/healthz'),
  'the target of a tunnel': lines('CONNECT 192.0.2.1:22 HTTP/1.1', 'Host: localhost', ''),
  'a star': lines('OPTIONS * HTTP/1.1', 'Host: localhost', ''),
  trace: lines('TRACE /api/cluster HTTP/1.1', 'Host: localhost', `Authorization: ${authorizationPlace}`, ''),
  'a long target': get(`/healthz?${'a'.repeat(20_000)}`),
  'a long method': `${'A'.repeat(20_000)} / HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  'a long header': get('/healthz', `X: ${'a'.repeat(100_000)}`),
  'many headers': get('/healthz', ...Array.from({ length: 5_000 }, (_, index) => `X${index}: 1`)),
  'one header many times': get('/healthz', ...Array.from({ length: 500 }, () => 'Cookie: a=b')),
  'a header without a name': get('/healthz', ': x'),
  'a header without a colon': get('/healthz', 'x'),
  'a header of control characters': get('/healthz', 'X: \x01\x7f\x08'),
  'bytes beyond ASCII': get('/healthz', 'X: \xff\xfe\xc3\x28'),
  'a path of escapes': get('/%2e%2e/%2e%2e/etc/passwd%00'),
  'a path of dots': get('/../../../../etc/passwd'),
};

/** What comes in place of a TLS handshake (RFC 8446 4.1.2, 5.1). In hexadecimal. */
export const noTls: Readonly<Record<string, string>> = {
  nothing: '',
  'HTTP in clear': Buffer.from(get(), 'latin1').toString('hex'),
  'a record without contents': '1603010000',
  'a record longer than allowed': `160301ffff${'00'.repeat(100)}`,
  'a hello cut off': '16030100c8010000c40303',
  'a hello of TLS 1.0': `16030100310100002d0301${'11'.repeat(32)}000006002f0035000a0100`,
  'a hello of SSL 3': `16030000310100002d0300${'11'.repeat(32)}000006002f0035000a0100`,
  'a hello of SSL 2': '802e0100020015000000100100800300800700c005008006004002008004008000000000',
  'a hello with lengths that disagree': `160303003401000030ffff${'22'.repeat(32)}ff0002c02f0100000500ffffffff`,
  'an alert': '15030100020228',
  alerts: '15030300020100'.repeat(300),
  'data before the handshake': `17030300${'10'}${'00'.repeat(16)}`,
  'a heartbeat': '1803030003014000',
  'what SSH says': Buffer.from('SSH-2.0-OpenSSH_9.2\r\n').toString('hex'),
};
