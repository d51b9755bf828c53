import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Daemon } from './daemon.ts';
import { eventually } from './eventually.ts';
import type { Testbed } from './testbed.ts';

const launcher = fileURLToPath(new URL('../../bin/esplanade-charon', import.meta.url));

/** Runs bin/esplanade-charon in the place of a testbed's own daemons, which must have been closed. */
export function launch(bed: Testbed, ...flags: readonly string[]): Daemon {
  const directory = join(bed.directory, 'ours');
  const place = ['--netns', bed.ours.namespace, '--runtime-dir', directory];
  rmSync(readySign(bed), { force: true });
  const settings = ['--include', join(directory, 'Default.include.conf')];
  return new Daemon('esplanade-charon', [launcher, ...place, ...settings, ...flags]);
}

/** Resolves when the guard that was launched last has taken up its blocks. */
export async function untilGuardIsReady(bed: Testbed): Promise<void> {
  await eventually('the guard holds its blocks', () => existsSync(readySign(bed)), {
    deadlineMilliseconds: 60_000,
  });
}

function readySign(bed: Testbed): string {
  return join(bed.directory, 'ours/charon/Default.guard.ready');
}
