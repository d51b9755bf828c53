import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Capture } from './capture.ts';
import { type IpspaceDaemons, startIpspaceDaemons } from './charon.ts';
import { eventually } from './eventually.ts';
import { Network } from './network.ts';
import { plaintextOf } from './packet.ts';
import { StockPeer, swanctl } from './stock-peer.ts';
import { Traffic } from './traffic.ts';
import { kernelPolicies, kernelStates } from './xfrm.ts';

/** A transport-mode, PSK connection as an administrator would write it; `trap` brings it up on the first packet. */
const configuration = (local: string, remote: string, startAction: 'trap' | 'none'): string => `
connections {
  lab {
    local_addrs = ${local}
    remote_addrs = ${remote}
    local { auth = psk  \n id = ${local} \n }
    remote { auth = psk \n id = ${remote} \n }
    children { host {
      mode = transport
      local_ts = ${local}/32
      remote_ts = ${remote}/32
      start_action = ${startAction}
    } }
  }
}
secrets { ike-lab { secret = "eighteen characters" } }
`;

describe('two strongSwan hosts on a kernel with ESP', () => {
  let directory: string;
  let network: Network<'left' | 'right'>;
  const peers: StockPeer[] = [];
  const traffic: Traffic[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-support-'));
    network = await Network.create(['left', 'right']);
    const { left, right } = network.hosts;
    for (const [host, other, action] of [
      [left, right, 'trap'],
      [right, left, 'none'],
    ] as const) {
      peers.push(
        await StockPeer.start({
          namespace: host.namespace,
          directory: join(directory, host.name),
          configuration: configuration(host.ipv4, other.ipv4, action),
        }),
      );
      traffic.push(await Traffic.start(host));
    }
  });

  afterAll(async () => {
    for (const one of [...traffic, ...peers]) await one.stop();
    await network?.close();
    await rm(directory, { recursive: true });
  });

  it('encrypt a ping, and the capture tells ESP from plaintext', async () => {
    const { left, right } = network.hosts;
    const capture = await Capture.start(network, left, join(directory, 'wire.pcap'));
    expect(await traffic[0]?.ping(right.ipv4, 4)).toBeGreaterThan(0);
    expect(await traffic[0]?.ping(right.ipv4, 3)).toBe(3);
    const packets = await capture.stop();
    const spis = new Set(packets.flatMap((packet) => (packet.kind === 'esp' ? [packet.spi] : [])));
    const states = (await kernelStates(left)).filter((state) => state.spi !== '00000000');
    expect(spis).toEqual(new Set(states.map((state) => state.spi)));
    expect(states.map((state) => state.mode)).toEqual(['transport', 'transport']);
    expect(states.every((state) => state.packets >= 3n)).toBe(true);
    expect(plaintextOf(packets, { between: [left.ipv4, right.ipv4] })).toEqual([]);
    expect(await peers[1]?.swanctl('--list-sas')).toContain('INSTALLED, TRANSPORT');
  });

  it('carry UDP and TCP, and a host without IPsec in between is seen in clear', async () => {
    const { left, right } = network.hosts;
    const [sender, echo] = traffic;
    await echo?.echo('udp', right.ipv4, 7);
    await echo?.echo('tcp', right.ipv4, 7);
    await echo?.echo('udp', right.ipv6, 7);
    const capture = await Capture.start(network, left, join(directory, 'flows.pcap'));
    const flow = { source: left.ipv4, destination: right.ipv4, port: 7, perSecond: 50 };
    expect(await sender?.send(flow, 20)).toMatchObject({ sent: 20, answered: 20, refused: {} });
    const endpoints = { source: left.ipv4, destination: right.ipv4 };
    expect(await sender?.connect({ ...endpoints, port: 7 })).toBe('answered');
    expect(await sender?.connect({ ...endpoints, port: 8 })).toBe('refused');
    const stop = await sender?.flow({ ...flow, source: left.ipv6, destination: right.ipv6 });
    await eventually('plaintext over IPv6', async () => {
      return (
        plaintextOf(await capture.packets(), { between: [left.ipv6, right.ipv6], protocol: 17 }).length > 10
      );
    });
    expect((await stop?.())?.answered).toBeGreaterThan(4);
    const packets = await capture.stop();
    expect(plaintextOf(packets, { between: [left.ipv4, right.ipv4] })).toEqual([]);
  });
});

describe('the daemons of an IPspace', () => {
  let directory: string;
  let network: Network<'ours'>;
  let daemons: IpspaceDaemons;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-support-'));
    network = await Network.create(['ours']);
    daemons = await startIpspaceDaemons({
      namespace: network.hosts.ours.namespace,
      directory,
      group: 'nogroup',
    });
  });

  afterAll(async () => {
    await daemons?.close();
    await network?.close();
    await rm(directory, { recursive: true });
  });

  it('are two charons of which each answers at its own socket', async () => {
    expect(await swanctl(daemons.charon.socket, '--stats')).toContain('counters');
    expect(await swanctl(daemons.guard?.socket ?? '', '--stats')).not.toContain('counters');
  });

  it('keep packets that wait for an SA, and soon ask for one again', async () => {
    const read = (name: string): Promise<string> =>
      network.run(network.hosts.ours, 'cat', `/proc/sys/net/core/${name}`);
    expect((await read('xfrm_larval_drop')).trim()).toBe('0');
    expect((await read('xfrm_acq_expires')).trim()).toBe('5');
  });

  it('can be killed, hung and restarted, and start without policies', async () => {
    const before = daemons.charon.pid;
    await daemons.charon.kill();
    await daemons.charon.start();
    await daemons.charon.hang();
    daemons.charon.resume();
    await daemons.charon.restart();
    expect(daemons.charon.pid).not.toBe(before);
    expect(await kernelPolicies(network.hosts.ours)).toEqual([]);
  });
});
