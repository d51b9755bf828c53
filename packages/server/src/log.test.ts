import { readFileSync } from 'node:fs';
import { UnavailableError } from '@esplanade/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logFailure, logStream } from './log.ts';
import { bug, replaced } from './testing/provocations/provocation.ts';
import { type Answer, startTestServer, type TestServer } from './testing/test-server.ts';

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly id?: string;
  readonly [field: string]: unknown;
}

describe('the log of a request', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  const linesOf = ({ headers }: Answer): readonly Line[] =>
    server.log.map((line): Line => JSON.parse(line)).filter(({ id }) => id === headers['x-request-id']);
  const policies = '/api/security/ipsec/policies';

  it('requests have ids by which nobody can count those of others', async () => {
    const ids = new Set<unknown>();
    for (let count = 0; count < 50; count += 1) {
      const { headers } = await server.request('GET', '/healthz', undefined, { authorization: '' });
      expect(headers['x-request-id']).toMatch(
        /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
      );
      ids.add(headers['x-request-id']);
    }
    expect(ids.size).toBe(50);
  });

  it.each([
    ['GET', policies, undefined, 200, policies, 'admin'],
    ['HEAD', `${policies}/MARKED-1`, undefined, 404, `${policies}/{uuid}`, 'admin'],
    ['POST', `${policies}?MARKED-2=x`, '{"MARKED-3": 1}', 400, policies, 'admin'],
    ['PATCH', '/api/MARKED-4/x', '{}', 404, '/api/*', 'admin'],
    ['GET', '/MARKED-5', undefined, 404, 'other', undefined],
    ['GET', '/healthz', undefined, 200, '/healthz', undefined],
    ['GET', '/metrics', undefined, 200, '/metrics', 'admin'],
  ])(
    '%s %s is one line, found by the id of its answer',
    async (method, url, body, status, route, account) => {
      const answer = await server.request(method, url, body);
      expect(answer.status).toBe(status);
      const lines = linesOf(answer);
      expect(lines).toMatchObject([
        { level: 20, msg: 'answered', method, route, status, source: '127.0.0.1' },
      ]);
      expect(lines[0]?.['ms']).toBeTypeOf('number');
      expect(lines[0]?.['account']).toBe(account);
    },
  );

  it('is one line for who was not let in, without the name that was tried', async () => {
    const authorization = `Basic ${Buffer.from('MARKED-6:MARKED-7').toString('base64')}`;
    const answer = await server.request('GET', policies, undefined, { authorization });
    expect(linesOf(answer)).toMatchObject([{ msg: 'answered', status: 401, route: '/api/*' }]);
  });

  it('tells of a failure of ours under the same id', async () => {
    const other = await startTestServer();
    replaced(other.parts.desired, 'snapshot', bug);
    const answer = await other.request('GET', '/healthz');
    const failed = await other.request('GET', policies, undefined, { 'x-request-id': 'MARKED-8' });
    expect(answer.status).toBe(200);
    const lines = other.log
      .map((line): Line => JSON.parse(line))
      .filter(({ id }) => id === failed.headers['x-request-id']);
    expect(lines.map(({ level, msg }) => [level, msg])).toContainEqual([50, 'a request failed']);
    expect(other.log.join('')).not.toContain('MARKED-8');
    await other.close();
  });

  it('holds nothing of what was sent to a wrong place', () => {
    expect(server.log.join('')).not.toContain('MARKED');
  });
});

describe('the readable form', () => {
  const told = (fields: object): string => {
    let text = '';
    const stream = logStream('text', (line) => {
      text += line;
    });
    stream.write(JSON.stringify({ level: 30, time: 0, pid: 1, hostname: 'host', ...fields }));
    return text;
  };

  it('is a line with time, level, message and fields', () => {
    expect(told({ msg: 'answered', id: 'a-1', status: 200 })).toBe(
      '1970-01-01T00:00:00.000Z INFO  answered id="a-1" status=200\n',
    );
  });

  it('stays one line whatever is in it', () => {
    const text = told({ msg: 'policy "a\n1970 ERROR\u001b[31m"', name: 'b\r\nc' });
    expect(text).toBe('1970-01-01T00:00:00.000Z INFO  policy "a\\xa1970 ERROR\\x1b[31m" name="b\\r\\nc"\n');
  });
});

describe('a failure', () => {
  const told = (error: unknown): readonly unknown[] => {
    let last: readonly unknown[] = [];
    const write = (...given: readonly unknown[]) => {
      last = given;
    };
    logFailure({ error: write }, 'it was not done', error);
    return last;
  };

  it('is a sentence where the store or the system says why', () => {
    expect(told(new UnavailableError('the disk is full'))).toEqual(['it was not done: the disk is full']);
    try {
      readFileSync('/nonexistent');
    } catch (error) {
      expect(told(error)).toEqual([expect.stringMatching(/^it was not done: ENOENT: /)]);
    }
    expect.assertions(2);
  });

  it('has its stack where it should never happen', () => {
    const bugOfOurs = new TypeError('x is not a function');
    expect(told(bugOfOurs)).toEqual([{ err: bugOfOurs }, 'it was not done: x is not a function']);
  });
});
