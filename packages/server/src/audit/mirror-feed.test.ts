import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditDestination } from '@esplanade/desired';
import { systemClock } from '@esplanade/reconciler';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MirrorFeed } from './mirror-feed.ts';
import { readMirrorPositions, writeMirrorPositions } from './mirror-positions.ts';

const destination: AuditDestination = {
  address: '192.0.2.9',
  port: 514,
  protocol: 'tcp_unencrypted',
  facility: 'user',
  verifyServer: false,
  after: 0,
};

/** A log of entries by number, and a receiver that can be told to fail. */
function stage(position: number, log = { first: 1, last: 10 }) {
  const sent: number[] = [];
  const news: string[] = [];
  const fault = { isOn: false };
  let broken = (): void => undefined;
  const feed = new MirrorFeed({
    desired: {
      auditHead: async () => ({
        ...log,
        base: new Uint8Array(),
        link: new Uint8Array(),
        bytes: 0,
        seal: new Uint8Array(),
      }),
      readAudit: async ({ after = 0, limit }) => {
        const start = Math.max(after + 1, log.first);
        const count = Math.max(0, Math.min(limit, log.last - start + 1));
        return Array.from({ length: count }, (_, at) => ({
          index: start + at,
          entry: '{}',
          link: new Uint8Array(),
        }));
      },
    },
    nodeName: () => 'node1',
    clock: { ...systemClock, after: (_, action) => systemClock.after(5, action) },
    open: (_, onBroken) => {
      broken = onBroken;
      return {
        send: async (messages) => {
          if (fault.isOn) throw new Error('nobody is there');
          sent.push(...messages.map((message) => Number(/"index":(\d+)/.exec(message)?.[1])));
        },
        close: () => undefined,
      };
    },
    onNews: (kind, sentence) => news.push(`${kind}: ${sentence}`),
    destination,
    name: '192.0.2.9:514',
    position,
  });
  return { feed, sent, news, fault, log, breakOff: () => broken() };
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

describe('what a destination gets', () => {
  it('begins behind what it has', async () => {
    const { feed, sent, log } = stage(7);
    await expect.poll(() => sent).toEqual([8, 9, 10]);
    log.last = 12;
    await expect.poll(() => sent).toEqual([8, 9, 10, 11, 12]);
    await feed.close();
  });

  it('is every entry in order, after any number of failures', async () => {
    const { feed, sent, news, fault, log } = stage(0);
    await expect.poll(() => sent).toHaveLength(10);
    fault.isOn = true;
    log.last = 500;
    await expect
      .poll(() => news)
      .toEqual([
        'trouble: the audit log cannot be sent to 192.0.2.9:514 (nobody is there); it is tried again',
      ]);
    fault.isOn = false;
    await expect.poll(() => sent.at(-1)).toBe(500);
    expect([...new Set(sent)]).toEqual(numbers(1, 500));
    expect(news).toHaveLength(2);
    await feed.close();
  });

  it('is sent again where a connection breaks before it can have arrived', async () => {
    const { feed, sent, breakOff } = stage(0);
    await expect.poll(() => sent).toHaveLength(10);
    expect(feed.position).toBe(0);
    breakOff();
    await expect.poll(() => sent).toEqual([...numbers(1, 10), ...numbers(1, 10)]);
    await feed.close();
  });

  it('tells and counts what was trimmed before it was sent', async () => {
    const { feed, sent, news } = stage(2, { first: 6, last: 10 });
    await expect.poll(() => sent).toEqual(numbers(6, 10));
    expect(feed.lost).toBe(3);
    expect(news).toEqual(['trouble: 3 entries of the audit log were trimmed before 192.0.2.9:514 had them']);
    await feed.close();
  });

  it('begins with the end of a log that was put back to before what it has', async () => {
    const { feed, sent, log } = stage(4_000);
    await expect.poll(() => feed.position).toBe(10);
    log.last = 11;
    await expect.poll(() => sent).toEqual([11]);
    await feed.close();
  });
});

describe('the positions of destinations', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-mirror-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('outlive the server, are none where there is no file, and unknown where it is not ours', async () => {
    const path = join(directory, 'positions.json');
    expect(await readMirrorPositions(path)).toEqual(new Map());
    await writeMirrorPositions(path, new Map([['192.0.2.9:514', 17]]));
    expect(await readMirrorPositions(path)).toEqual(new Map([['192.0.2.9:514', 17]]));
    for (const text of ['{', 'null', '[]', '{"a": "b"}']) {
      await writeFile(path, text);
      expect(await readMirrorPositions(path)).toBeUndefined();
    }
  });
});
