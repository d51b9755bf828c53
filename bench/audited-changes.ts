import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedStore } from '@esplanade/store/embedded';
import { type Comparison, timed } from './median.ts';

const rounds = 9;
const writers = 40;
const changesPerWriter = 50;
const linkKey: Uint8Array = new Uint8Array(32).fill(1);
/** As large as those of policies and of their entries. */
const value = 'v'.repeat(600);
const entry = 'e'.repeat(500);

/** 2,000 changes by 40 writers, durable, each with its entry of the audit log, against the same without entries. */
export async function auditedChanges(): Promise<readonly Comparison[]> {
  const directory = await mkdtemp(join(tmpdir(), 'esplanade-bench-'));
  const store = await openEmbeddedStore({ directory });
  let round = 0;
  const change = (key: string, isAudited: boolean) =>
    store.commit([
      { kind: 'put', key, value, expect: { kind: 'absent' } },
      ...(isAudited ? [{ kind: 'append', log: 'audit', entry, linkKey, begins: true } as const] : []),
    ]);
  const changeAll = (isAudited: boolean) => {
    round += 1;
    const write = async (_: unknown, writer: number): Promise<void> => {
      for (let count = 0; count < changesPerWriter; count += 1)
        await change(`${round}/${writer}/${count}`, isAudited);
    };
    return timed(async () => {
      await Promise.all(Array.from({ length: writers }, write));
    });
  };
  const values = { ours: [] as number[], theirs: [] as number[] };
  for (const isAudited of [true, false]) await changeAll(isAudited);
  for (let turn = 0; turn < rounds; turn += 1) {
    values.ours.push(await changeAll(true));
    values.theirs.push(await changeAll(false));
  }
  await store.close();
  await rm(directory, { recursive: true });
  return [
    {
      what: '2,000 changes by 40 writers until they are on disk',
      unit: 'ms',
      ours: { does: 'each with its entry of the audit log', values: values.ours },
      theirs: { does: 'the same without entries', values: values.theirs },
    },
  ];
}
