import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Capture } from '../support/capture.ts';
import type { Daemon } from '../support/daemon.ts';
import { eventually } from '../support/eventually.ts';
import { launch, untilGuardIsReady } from '../support/launcher.ts';
import { describePacket, type Packet, plaintextOf } from '../support/packet.ts';
import { Testbed } from '../support/testbed.ts';
import { kernelPolicies } from '../support/xfrm.ts';

const perSecond = 100;
const port = 7000;
const udp = 17;
const secretKey = 'a key for the time after the start';
const patience = { deadlineMilliseconds: 60_000 };

interface Seen {
  /** Protected datagrams that were readable on the wire. */
  readonly clear: readonly Packet[];
  /** Datagrams that the flow wanted to send. */
  readonly sent: number;
}

/** The launcher with charon and guard, from nothing to enforced policies and back, under a flow. */
describe('where protected traffic goes while everything starts or stops', () => {
  let bed: Testbed;
  let running: Daemon;
  let policy = '';
  let captures = 0;

  const blocks = (): readonly string[] => ['--blocks', join(bed.directory, 'data/blocks/Default')];
  const setDevice = (state: 'up' | 'down') =>
    bed.network.run(bed.ours, 'ip', 'link', 'set', bed.ours.device, state);
  const untilApplied = () => bed.operator.until(policy, ({ state }) => state === 'applied', patience);

  /** Sends under the policy's selector to a peer that echoes whatever comes, while `during` happens. */
  const watch = async (during: () => Promise<void>): Promise<Seen> => {
    captures += 1;
    const capture = await Capture.start(bed.network, bed.ours, join(bed.directory, `boot-${captures}.pcap`));
    const { ipv4: source } = bed.ours;
    const stop = await bed.traffic.ours.flow({ source, destination: bed.peer.ipv4, port, perSecond });
    await during();
    const { sent, refused } = await stop();
    const packets = await capture.stop();
    return {
      clear: plaintextOf(packets, { between: [source, bed.peer.ipv4], protocol: udp }),
      sent: Object.values(refused).reduce((sum, times) => sum + times, sent),
    };
  };

  beforeAll(async () => {
    bed = await Testbed.start();
    // The launcher takes the place of the two that the testbed runs one by one.
    await bed.daemons.close();
    await bed.traffic.peer.echo('udp', bed.peer.ipv4, port);
    running = launch(bed, ...blocks());
    await untilGuardIsReady(bed);
    const { ipv4: local } = bed.ours;
    policy = await bed.operator.create({
      name: 'flow',
      local,
      remote: bed.peer.ipv4,
      protocol: 'udp',
      secretKey,
    });
    await untilApplied();
    await eventually('the block is kept for the next start', async () =>
      (await readFile(blocks()[1] ?? '', 'utf8')).includes(policy),
    );
  });
  afterAll(async () => {
    await running?.end('SIGTERM');
    await bed?.[Symbol.asyncDispose]();
  });
  beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(running.log.join('\n'), bed.logs())));

  it('lets it out in clear from the moment that both daemons are stopped in order', async () => {
    let stoppedMs = 0;
    const seen = await watch(async () => {
      expect(await running.end('SIGTERM')).toBe(true);
      stoppedMs = Date.now();
      await bed.traffic.ours.send(
        { source: bed.ours.ipv4, destination: bed.peer.ipv4, port, perSecond },
        perSecond / 2,
      );
    });
    expect(await kernelPolicies(bed.ours)).toEqual([]);
    expect(seen.clear.filter((packet) => packet.atSeconds * 1000 > stoppedMs).length).toBeGreaterThan(0);
    console.info(`both stopped in order: ${seen.clear.length} packets in clear until the flow ended`);
  });

  it('holds it back again as soon as a guard stands that has been started under it', async () => {
    let readyMs = 0;
    let startedMs = 0;
    const seen = await watch(async () => {
      startedMs = Date.now();
      running = launch(bed, ...blocks());
      await untilGuardIsReady(bed);
      readyMs = Date.now();
      await untilApplied();
    });
    const last = Math.max(startedMs, ...seen.clear.map(({ atSeconds }) => atSeconds * 1000));
    console.info(
      `launcher started under the flow: ${seen.clear.length} packets in clear, the last ${Math.round(last - startedMs)} ms after its start`,
    );
    expect(seen.clear.filter((packet) => packet.atSeconds * 1000 > readyMs).map(describePacket)).toEqual([]);
  });

  it.each([
    { how: 'the guard with its file of blocks before the network', isBlocked: true },
    { how: 'without that file', isBlocked: false },
  ])('at boot, $how', async ({ isBlocked }) => {
    await running.end('SIGTERM');
    await bed.server.stop();
    expect(await kernelPolicies(bed.ours)).toEqual([]);
    await setDevice('down');
    const guard = launch(bed, '--only', 'guard', ...(isBlocked ? blocks() : []));
    await untilGuardIsReady(bed);
    let upMs = 0;
    const seen = await watch(async () => {
      await setDevice('up');
      upMs = Date.now();
      // What a boot does meanwhile, in traffic.
      await bed.traffic.ours.send(
        { source: bed.ours.ipv4, destination: bed.peer.ipv4, port, perSecond },
        perSecond / 2,
      );
      const charon = launch(bed, '--only', 'charon');
      await bed.restartServer();
      await untilApplied();
      await charon.end('SIGTERM');
    });
    await guard.end('SIGTERM');
    running = launch(bed, ...blocks());
    await untilApplied();
    const last = Math.max(0, ...seen.clear.map(({ atSeconds }) => atSeconds * 1000 - upMs));
    console.info(
      `boot ${isBlocked ? 'with' : 'without'} a file of blocks: ${seen.clear.length} packets in clear there and back, until ${Math.round(last)} ms after the network came up`,
    );
    expect(seen.sent).toBeGreaterThan(perSecond / 2);
    if (isBlocked) expect(seen.clear.map(describePacket)).toEqual([]);
    else expect(seen.clear.length).toBeGreaterThan(0);
  });
});
