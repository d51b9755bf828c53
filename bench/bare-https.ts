import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

/**
 * What to compare with: Node's own HTTPS server, sending the same bytes with the same headers to whoever asks.
 * Arguments: key file, certificate file, file with the body, content type. Prints its port.
 */
const [keyFile = '', certificateFile = '', bodyFile = '', contentType = ''] = process.argv.slice(2);
const body = readFileSync(bodyFile);
const server = createServer(
  { key: readFileSync(keyFile), cert: readFileSync(certificateFile), minVersion: 'TLSv1.2' },
  (_request, response) => {
    response.writeHead(200, { 'content-type': contentType, 'content-length': body.length });
    response.end(body);
  },
);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  process.stdout.write(`listening ${address.port}\n`);
});
