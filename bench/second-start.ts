import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../test/support/command.ts';
import { Esplanade } from '../test/support/esplanade.ts';
import { type Comparison, timed } from './median.ts';

const rounds = 7;

/** A second start on the same data, until the ready line, against Node starting and ending with nothing to do. */
export async function secondStart(): Promise<readonly Comparison[]> {
  const directory = await mkdtemp(join(tmpdir(), 'esplanade-bench-'));
  const start = async (): Promise<void> => {
    const server = await Esplanade.start({ dataDirectory: directory, flags: ['--datapath', 'simulated'] });
    servers.push(server);
  };
  const servers: Esplanade[] = [];
  const values = { ours: [] as number[], theirs: [] as number[] };
  await start();
  await servers.pop()?.stop();
  for (let round = 0; round < rounds; round += 1) {
    values.ours.push(await timed(start));
    await servers.pop()?.stop();
    values.theirs.push(
      await timed(async () => {
        await runCommand(process.execPath, ['--eval', '0']);
      }),
    );
  }
  await rm(directory, { recursive: true });
  return [
    {
      what: 'second start',
      unit: 'ms',
      ours: { does: '`bin/esplanade serve` until ready', values: values.ours },
      theirs: { does: '`node --eval 0`', values: values.theirs },
    },
  ];
}
