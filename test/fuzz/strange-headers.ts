import type { SeededRandom } from '../robustness/seeded-random.ts';

const choices: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'Accept',
    [
      '',
      'text/html',
      'application/JSON',
      'application/json;q=0.9, */*',
      '*',
      ';;;',
      'a'.repeat(4_000),
      '\xff\xfe',
    ],
  ],
  [
    'Content-Type',
    [
      '',
      'text/plain',
      'application/json; charset=latin1',
      'multipart/form-data',
      'application/xml',
      '/',
      ';',
    ],
  ],
  ['Content-Encoding', ['gzip', 'br', 'identity', 'x']],
  ['Accept-Encoding', ['gzip', 'identity;q=0', '']],
  ['X-HTTP-Method-Override', ['DELETE', 'PATCH', '__proto__']],
  ['X-Method-Override', ['DELETE']],
  [
    'X-Dot-SVM-Name',
    ['svm1', 'svm2', '', 'nowhere', '__proto__', 'constructor', '*', 'a'.repeat(2_000), '\xe9'],
  ],
  ['X-Dot-SVM-UUID', ['', '0', '__proto__', '00000000-0000-4000-8000-000000000001']],
  ['X-Dot-Client-App', ['fuzz/1', '']],
  [
    'Authorization',
    ['', 'Basic', 'Basic ====', 'Basic YWRtaW46', 'Bearer x', 'Basic \xff', `Basic ${'A'.repeat(3_000)}`],
  ],
  ['Expect', ['100-continue', 'nonsense']],
  ['Connection', ['close', 'keep-alive', 'Upgrade, HTTP2-Settings', 'x']],
  ['Upgrade', ['websocket', 'h2c']],
  ['If-Match', ['"0"', '*']],
  ['If-Modified-Since', ['Sat, 21 Nov 2026 00:00:00 GMT']],
  ['Range', ['bytes=0-0', 'bytes=9-1']],
  ['Origin', ['null', 'https://example.org']],
  ['Cookie', ['a=b; __proto__=c']],
  ['Host', ['', 'a b', '[::1', 'example.org:99999']],
  ['X-Forwarded-For', ['127.0.0.1, unknown']],
  ['X-Request-Id', ['../../x', '']],
  ['TE', ['trailers']],
  ['Trailer', ['X-After']],
  ['Proxy-Authorization', ['Basic YWRtaW46']],
  ['__proto__', ['x']],
  ['constructor', ['x']],
  ['X-Many', ['a,'.repeat(3_000)]],
  ['Bad Name', ['x']],
]);

/** A header that few clients send, or that none should. */
export function strangeHeader(random: SeededRandom): readonly [string, string] {
  // Each wrong password costs the server a hash on purpose.
  const names = [...choices.keys()].filter((name) => name !== 'Authorization' || random.below(20) === 0);
  const name = random.pick(names);
  return [name, random.pick(choices.get(name) ?? [''])];
}
