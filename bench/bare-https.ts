import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

/** An answer that Esplanade gave, to be given again. */
export interface RecordedAnswer {
  /** Path and query. */
  readonly target: string;
  readonly type: string;
  readonly body: string;
}

/**
 * What to compare with: Node's own HTTPS server, sending the same bytes with the same content type to whoever asks.
 * Arguments: key file, certificate file, file with the answers as JSON. Prints its port.
 */
const [keyFile = '', certificateFile = '', answersFile = ''] = process.argv.slice(2);
const recorded: readonly RecordedAnswer[] = JSON.parse(readFileSync(answersFile, 'utf8'));
const answers = new Map(
  recorded.map(({ target, type, body }) => [target, { type, body: Buffer.from(body) }]),
);
const server = createServer(
  { key: readFileSync(keyFile), cert: readFileSync(certificateFile), minVersion: 'TLSv1.2' },
  (request, response) => {
    const answer = answers.get(request.url ?? '');
    if (answer === undefined) {
      response.writeHead(404, { 'content-length': 0 }).end();
      return;
    }
    response.writeHead(200, { 'content-type': answer.type, 'content-length': answer.body.length });
    response.end(answer.body);
  },
);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  process.stdout.write(`listening ${address.port}\n`);
});
