import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Narrator } from './narrator.ts';
import { tellStory } from './story.ts';

/** `npm run demo`, inside a kernel that has ESP. Exit status 0 only if every claim of the story held. */

const { values } = parseArgs({ options: { evidence: { type: 'string' } } });
const narrator = new Narrator((text) => process.stdout.write(text));
const scratch = await mkdtemp(join(tmpdir(), 'esplanade-demo-'));
// The server, which is nobody, must find the sockets in it.
await chmod(scratch, 0o711);
process.stdout.write('Esplanade: a policy by HTTPS, ESP on the wire, and back as an SA\n');
try {
  await tellStory(narrator, { scratch, evidence: values.evidence });
} finally {
  await rm(scratch, { recursive: true, force: true });
}
if (narrator.broken.length > 0) {
  process.stdout.write(`\nIt did not hold that\n${narrator.broken.map((claim) => `  ${claim}\n`).join('')}`);
  process.exitCode = 1;
} else {
  process.stdout.write('\nEverything held.\n');
}
