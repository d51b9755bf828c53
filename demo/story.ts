import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Capture } from '../test/support/capture.ts';
import { eventually } from '../test/support/eventually.ts';
import { describePacket, type Packet, plaintextOf } from '../test/support/packet.ts';
import {
  type KernelPolicy,
  kernelPolicies,
  kernelPolicyText,
  kernelStateText,
} from '../test/support/xfrm.ts';
import { counters, lookAtAll, type ThreeViews } from './agreement.ts';
import { Api } from './api.ts';
import { type Lab, openLab, ports } from './lab.ts';
import type { Narrator } from './narrator.ts';

/** The peer's key, as in peer.swanctl.conf. */
const secretKey = 'anyone can read this key in the demo';
const tcp = 6;

/** Where the story leaves what it saw. */
export interface StoryPlace {
  /** For sockets, data and captures; a file system of this kernel's own. */
  readonly scratch: string;
  /** Gets wire.pcap, sas.json, swanctl.txt and xfrm.txt if given. */
  readonly evidence: string | undefined;
}

/** Tells the whole story on real hosts. What did not hold is with the narrator. */
export async function tellStory(narrator: Narrator, { scratch, evidence }: StoryPlace): Promise<void> {
  narrator.station('Two hosts on one wire');
  await using lab = await openLab(scratch);
  const { ours, peer } = lab.network.hosts;
  const api = new Api(lab.server);
  narrator.say(
    `ours  ${ours.ipv4} ${ours.ipv6}  charon and its guard, driven by Esplanade at ${lab.server.url}`,
  );
  narrator.say(`peer  ${peer.ipv4} ${peer.ipv6}  stock strongSwan with demo/peer.swanctl.conf`);
  narrator.say('Esplanade runs as nobody; only the daemons have privileges.');

  narrator.station('Before: no policy, everything is readable');
  await showClear(narrator, lab, join(scratch, 'before.pcap'));

  narrator.station('IPsec on. From here on every packet on the wire is kept');
  await api.enableIpsec();
  await lab.network.forgetNeighbours();
  const file = evidence === undefined ? join(scratch, 'wire.pcap') : join(evidence, 'wire.pcap');
  if (evidence !== undefined) await mkdir(evidence, { recursive: true });
  const capture = await Capture.start(lab.network, ours, file);
  narrator.say(
    'PATCH /api/security/ipsec {"enabled": true}; the neighbour caches are emptied, as after a boot',
  );

  const esp: string[] = [];
  for (const [family, local, remote, netmask] of [
    ['IPv4', ours.ipv4, peer.ipv4, '32'],
    ['IPv6', ours.ipv6, peer.ipv6, '128'],
  ] as const) {
    narrator.station(`A policy for ${family}, created by HTTPS`);
    const name = `storage-${family.toLowerCase()}`;
    const uuid = await api.createPolicy({
      name,
      action: 'esp_transport',
      secret_key: secretKey,
      local_endpoint: { address: local, netmask },
      remote_endpoint: { address: remote, netmask },
    });
    esp.push(uuid);
    const state = await api.policyState(uuid);
    narrator.claim('201, and the policy is in the kernel', state === 'applied', state);
    const answered = await lab.traffic.ping(remote, 4);
    narrator.claim('ping is answered, the first packet too', answered === 4, `${answered} of 4`);
    showWire(narrator, await capture.packets(), local, remote);
  }

  narrator.station('What the API says is what charon and the kernel hold');
  const views = await settledViews(lab, api);
  for (const { policyName, state, inbound, outbound } of views.records) {
    narrator.say(`${policyName} ${state}  in ${counters(inbound)}  out ${counters(outbound)}`);
  }
  const agreed = views.differences.length === 0 && views.records.length === 2;
  narrator.claim(
    'SPIs, bytes, packets and state agree',
    agreed,
    agreed
      ? 'GET …/security-associations = swanctl --list-sas = ip -s xfrm state'
      : views.differences.join('; '),
  );
  await comparePeer(narrator, lab, views);
  if (evidence !== undefined) await keepEvidence(lab, views, evidence);

  narrator.station('Single ports leave the ESP policy: one bypassed, one discarded');
  const shunts = await showShunts(narrator, lab, api, capture);

  narrator.station('The verdict of the wire, from before the first 201 to now');
  judgeWire(narrator, await capture.stop(), lab);

  narrator.station('Policies deleted, SAs gone');
  for (const uuid of [...shunts, ...esp]) await api.deletePolicy(uuid);
  await showGone(narrator, lab, api);
  if (narrator.broken.length > 0) showLogs(narrator, lab);
}

async function showClear(narrator: Narrator, lab: Lab, file: string): Promise<void> {
  const { ours, peer } = lab.network.hosts;
  const capture = await Capture.start(lab.network, ours, file);
  for (const [local, remote] of [
    [ours.ipv4, peer.ipv4],
    [ours.ipv6, peer.ipv6],
  ] as const) {
    const answered = await lab.traffic.ping(remote, 2);
    const clear = plaintextOf(await capture.packets(), { between: [local, remote] });
    const seen = `${answered} of 2 answered, ${clear.length} plaintext packets`;
    narrator.claim(`ping ${remote} crosses in clear`, answered === 2 && clear.length === 4, seen);
  }
  await capture.stop();
}

function showWire(narrator: Narrator, packets: readonly Packet[], local: string, remote: string): void {
  const own = packets.filter(
    (packet) =>
      packet.kind !== 'not-ip' &&
      [packet.source, packet.destination].some((one) => one === local || one === remote),
  );
  for (const packet of own.filter(({ kind }) => kind === 'neighbour-discovery').slice(0, 2)) {
    narrator.say(describePacket(packet));
  }
  narrator.say(`${own.filter(({ kind }) => kind === 'ike').length} IKE packets, then`);
  const esp = own.filter(({ kind }) => kind === 'esp');
  for (const packet of esp.slice(0, 3)) narrator.say(describePacket(packet));
  narrator.claim('request and reply cross as ESP', esp.length >= 8, `${esp.length} ESP packets`);
  const clear = plaintextOf(packets, { between: [local, remote] });
  narrator.claim('nothing of it crosses in clear', clear.length === 0, listOf(clear));
}

async function settledViews(lab: Lab, api: Api): Promise<ThreeViews> {
  let last: ThreeViews | undefined;
  const agreeing = eventually('the API, charon and the kernel agree', async () => {
    last = await lookAtAll(lab, api);
    return last.differences.length === 0 && last.records.length === 2 && last;
  });
  // Disagreement is for the story to show, with what was seen last.
  return await agreeing.catch((error: unknown) => {
    if (last === undefined) throw error;
    return last;
  });
}

async function comparePeer(narrator: Narrator, lab: Lab, { records }: ThreeViews): Promise<void> {
  const peers = await lab.peer.swanctl('--list-sas');
  const crossed = records.every(
    ({ inbound, outbound }) =>
      new RegExp(`^\\s*in\\s+${outbound.spi}`, 'm').test(peers) &&
      new RegExp(`^\\s*out\\s+${inbound.spi}`, 'm').test(peers),
  );
  narrator.claim(
    'the peer holds the same SAs, the other way round',
    crossed,
    'swanctl --list-sas over there',
  );
}

async function keepEvidence(lab: Lab, views: ThreeViews, directory: string): Promise<void> {
  const { ours } = lab.network.hosts;
  const state = await kernelStateText(ours);
  const policy = await kernelPolicyText(ours);
  await writeFile(join(directory, 'sas.json'), `${JSON.stringify(views.answer, undefined, 2)}\n`);
  await writeFile(join(directory, 'swanctl.txt'), views.charon);
  await writeFile(join(directory, 'xfrm.txt'), `${state}\n${policy}`);
}

async function showShunts(
  narrator: Narrator,
  lab: Lab,
  api: Api,
  capture: Capture,
): Promise<readonly string[]> {
  const { ours, peer } = lab.network.hosts;
  const connect = (port: number) =>
    lab.traffic.connect({ source: ours.ipv4, destination: peer.ipv4, port, timeoutMilliseconds: 5_000 });
  const clearOf = async (port: number): Promise<readonly Packet[]> =>
    plaintextOf(await capture.packets(), { between: [ours.ipv4, peer.ipv4], protocol: tcp, port });

  const before = await connect(ports.discarded);
  narrator.claim(
    `tcp/${ports.discarded} is served while the ESP policy decides`,
    before === 'answered',
    before,
  );
  const uuids: string[] = [];
  for (const [action, port] of [
    ['bypass', ports.bypassed],
    ['discard', ports.discarded],
  ] as const) {
    uuids.push(
      await api.createPolicy({
        name: `${action}-${port}`,
        action,
        protocol: 'tcp',
        local_endpoint: { address: ours.ipv4, netmask: '32' },
        remote_endpoint: { address: peer.ipv4, netmask: '32', port: String(port) },
      }),
    );
  }
  const bypassed = await connect(ports.bypassed);
  const clear = await clearOf(ports.bypassed);
  narrator.claim(
    `tcp/${ports.bypassed} is bypassed: served in clear`,
    bypassed === 'answered' && clear.length >= 3,
    `${bypassed}, ${clear.length} plaintext packets`,
  );
  const packetsBefore = (await capture.packets()).filter(({ kind }) => kind === 'esp').length;
  const discarded = await connect(ports.discarded);
  const packets = await capture.packets();
  const sent = packets.filter(({ kind }) => kind === 'esp').length - packetsBefore;
  const leaked = (await clearOf(ports.discarded)).length;
  narrator.claim(
    `tcp/${ports.discarded} is discarded: refused here, nothing is sent`,
    discarded === 'forbidden' && sent === 0 && leaked === 0,
    `${discarded}, ${sent} ESP and ${leaked} plaintext packets`,
  );
  const protectedOne = await connect(ports.protected);
  const clearProtected = (await clearOf(ports.protected)).length;
  narrator.claim(
    `tcp/${ports.protected} is still protected`,
    protectedOne === 'answered' && clearProtected === 0,
    `${protectedOne}, ${clearProtected} plaintext packets`,
  );
  return uuids;
}

function judgeWire(narrator: Narrator, packets: readonly Packet[], lab: Lab): void {
  const { ours, peer } = lab.network.hosts;
  const clear = [
    ...plaintextOf(packets, { between: [ours.ipv4, peer.ipv4] }),
    ...plaintextOf(packets, { between: [ours.ipv6, peer.ipv6] }),
  ].filter(
    (packet) =>
      packet.kind !== 'plain' || ![packet.sourcePort, packet.destinationPort].includes(ports.bypassed),
  );
  const esp = packets.filter(({ kind }) => kind === 'esp').length;
  narrator.say(`${packets.length} frames, of which ${esp} are ESP`);
  narrator.claim(
    'not one plaintext packet of a protected selector',
    esp > 0 && clear.length === 0,
    listOf(clear),
  );
}

async function showGone(narrator: Narrator, lab: Lab, api: Api): Promise<void> {
  const left = async (): Promise<string> => {
    const { records, charon, kernel } = await lookAtAll(lab, api);
    const peers = await lab.peer.swanctl('--list-sas');
    const policies = await kernelPolicies(lab.network.hosts.ours);
    return [
      ...records.map(({ inbound }) => `API ${inbound.spi}`),
      ...kernel.map(({ spi }) => `kernel ${spi}`),
      ...policies
        .filter(isBetweenHosts)
        .map(({ direction, selector, priority }) => `policy ${direction} ${selector} ${priority}`),
      charon.trim(),
      peers.trim(),
    ]
      .filter((text) => text !== '')
      .join('; ');
  };
  const gone = await eventually('no SA is left anywhere', async () => (await left()) === '').catch(
    () => false,
  );
  const seen = gone ? 'API, both charons and the kernel are empty' : await left();
  narrator.claim('no SA is left on either host', gone === true, seen);
  const answered = await lab.traffic.ping(lab.network.hosts.peer.ipv4, 2);
  narrator.claim('ping is in clear again, as before', answered === 2, `${answered} of 2 answered`);
}

function showLogs(narrator: Narrator, lab: Lab): void {
  narrator.station('What the daemons said');
  for (const [who, log] of [
    ['esplanade', lab.server.log],
    ['charon', lab.daemons.charon.log],
    ['guard', lab.daemons.guard?.log ?? []],
    ['peer', lab.peer.charon.log],
  ] as const) {
    narrator.say(`${who}:\n${log.slice(-40).join('\n')}`);
  }
}

/** Not the implied entries, such as neighbour discovery, which stay. */
function isBetweenHosts({ source }: KernelPolicy): boolean {
  return !/\/0$/.test(source);
}

function listOf(packets: readonly Packet[]): string {
  const shown = packets.slice(0, 5).map(describePacket);
  return packets.length === 0 ? '0 packets' : `${packets.length} packets: ${shown.join('; ')}`;
}
