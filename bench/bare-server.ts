import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Daemon } from '../test/support/daemon.ts';
import type { RecordedAnswer } from './bare-https.ts';
import { probeFlags } from './probed.ts';

const program = fileURLToPath(new URL('./bare-https.ts', import.meta.url));

/** Starts `bare-https.ts` with the certificate of the Esplanade whose data lies in `dataDirectory`. */
export async function startBareServer(
  dataDirectory: string,
  answers: readonly RecordedAnswer[],
): Promise<{ readonly url: string; readonly daemon: Daemon }> {
  const file = join(dataDirectory, '..', 'answers.json');
  await writeFile(file, JSON.stringify(answers));
  const pair = [join(dataDirectory, 'tls.key'), join(dataDirectory, 'tls.crt')];
  const daemon = new Daemon('bare node:https', [process.execPath, ...probeFlags, program, ...pair, file]);
  const port = (await daemon.line(/^listening \d+/)).slice('listening '.length);
  return { url: `https://127.0.0.1:${port}`, daemon };
}
