import { type EventStream, type Message, ViciConnectionError } from '@esplanade/vici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SaRecord } from '../support/operator.ts';
import { Traffic } from '../support/traffic.ts';
import type { Counts } from '../support/vici-tally.ts';
import { type CrowdPolicy, type CrowdShape, SaCrowd } from './sa-crowd.ts';

const isFull = process.env['ESPLANADE_CAMPAIGN'] === 'full';
const shape: CrowdShape = isFull
  ? { peers: 10, ports: 10, withoutSa: 900 }
  : { peers: 3, ports: 4, withoutSa: 48 };
const perSecond = 100;
const mostCommands = 5;
/** Far longer than from one listing to the next while somebody reads: nothing is counted that a reader costs. */
const quietMs = 5_000;

/** What tells now and then that the daemons answer; a change never asks it. */
const heartbeats: ReadonlySet<string> = new Set(['charon get-shared', 'guard get-conns']);

describe(`a change of one policy among ${shape.peers * shape.ports + shape.withoutSa}, ${shape.peers * shape.ports} SAs up`, () => {
  let crowd: SaCrowd;
  let traffic: { readonly ours: Traffic; readonly peer: Traffic };
  const opened = new AsyncDisposableStack();

  /** What the peer's charon told of its CHILD SAs. */
  const told: string[] = [];
  let listening: Promise<void>;
  let before: View;

  const listen = async (events: EventStream): Promise<void> => {
    try {
      for await (const event of events)
        if (event.kind === 'event')
          for (const child of childrenIn(event.message))
            told.push(`${child.text('name')} ${event.message.yesNo('up') === true ? 'up' : 'down'}`);
    } catch (error) {
      if (!(error instanceof ViciConnectionError)) throw error;
    }
  };

  const policyAt = (index: number): CrowdPolicy => {
    const policy = crowd.policies.at(index);
    if (policy === undefined) throw new Error(`no policy ${index}`);
    return policy;
  };

  beforeAll(async () => {
    crowd = opened.use(await SaCrowd.start(shape));
    traffic = { ours: await Traffic.start(crowd.ours), peer: await Traffic.start(crowd.peer) };
    opened.defer(() => traffic.ours.stop());
    opened.defer(() => traffic.peer.stop());
    const { remote, port } = policyAt(0);
    await traffic.peer.echo('udp', remote, port);
    const events = await crowd.vici.peer.events(['child-updown']);
    listening = listen(events);
    opened.defer(async () => {
      crowd.vici.peer.close();
      await listening;
    });
    // Connections to charon are made when they are first needed, and then kept.
    await crowd.operator.patchByCli(policyAt(3).name, { ipsec_lifetime: 7_200 });
    await crowd.untilQuiet(quietMs);
    before = await viewOf(crowd);
  }, 300_000);

  afterAll(() => opened.disposeAsync());

  const lifetime = ({ name }: CrowdPolicy) => crowd.operator.patchByCli(name, { ipsec_lifetime: 7_200 });
  const localPort = (policy: CrowdPolicy) =>
    patch(crowd, policy, {
      local_endpoint: { address: crowd.ours.ipv4, netmask: '32', port: '7001' },
    });
  const changes: readonly {
    readonly what: string;
    readonly index: number;
    readonly hasSa: boolean;
    readonly change: (policy: CrowdPolicy) => Promise<void>;
    readonly mostCommands: number;
  }[] = [
    { what: 'the lifetime of its SA', index: 1, hasSa: true, change: lifetime, mostCommands },
    { what: 'its lifetime, without an SA', index: -1, hasSa: false, change: lifetime, mostCommands },
    // The block beneath it moves too.
    { what: 'its selector', index: 2, hasSa: true, change: localPort, mostCommands: mostCommands + 3 },
    {
      what: 'its selector, without an SA',
      index: -2,
      hasSa: false,
      change: localPort,
      mostCommands: mostCommands + 2,
    },
  ];

  it.each(changes)('of $what takes few commands and no packet of another', async ({ index, ...of }) => {
    const changed = policyAt(index);
    await crowd.untilQuiet(quietMs);
    const { remote: destination, port } = policyAt(0);
    const stop = await traffic.ours.flow({ source: crowd.ours.ipv4, destination, port, perSecond });
    const asked = crowd.asked;
    told.length = 0;
    await of.change(changed);
    await crowd.untilQuiet(quietMs);
    const commands = difference(crowd.asked, asked);
    const flow = await stop();
    const total = [...commands.values()].reduce((sum, one) => sum + one, 0);
    console.info(
      `change of ${of.what}: ${total} commands (${[...commands].map(([name, count]) => `${name} ${count}`).join(', ')}); ` +
        `${flow.sent - flow.answered} of ${flow.sent} packets of another policy lost`,
    );
    // New before old, as the peer saw it.
    expect(told).toEqual(of.hasSa ? [`port-${changed.port} up`, `port-${changed.port} down`] : []);
    expect(flow).toMatchObject({ answered: flow.sent, refused: {} });
    expect(total).toBeLessThanOrEqual(of.mostCommands);
  });

  it('has left every other SA as it was, on both sides', async () => {
    const after = await viewOf(crowd);
    const replaced = new Set(changes.flatMap(({ index, hasSa }) => (hasSa ? [policyAt(index).name] : [])));
    expect(after.peer).toEqual(after.charon);
    expect(new Set(after.api.values())).toEqual(after.charon);
    for (const [name, spis] of before.api) {
      if (replaced.has(name)) expect(after.api.get(name)).not.toBe(spis);
      else expect(after.api.get(name)).toBe(spis);
    }
    console.info(
      `${before.api.size} SAs before, of which ${before.charon.intersection(after.charon).size} are still there`,
    );
    expect(before.charon.difference(after.charon).size).toBe(replaced.size);
    expect(after.charon.difference(before.charon).size).toBe(replaced.size);
  });
});

/** Every SA. */
interface View {
  /** SPIs by policy, or by SPI of an IKE SA. */
  readonly api: ReadonlyMap<string, string>;
  /** SPIs as our charon has them. */
  readonly charon: ReadonlySet<string>;
  /** The same as the peer has them, from our side. */
  readonly peer: ReadonlySet<string>;
}

async function viewOf(crowd: SaCrowd): Promise<View> {
  const path = '/api/security/ipsec/security-associations?fields=*&max_records=10000';
  const { records } = await crowd.operator.expect<{ records: SaRecord[] }>(200, 'GET', path);
  return {
    api: new Map(records.map(namedSpis)),
    charon: spisOf(await crowd.vici.ours.list('list-sas', 'list-sa', {}), 'in', 'out'),
    peer: spisOf(await crowd.vici.peer.list('list-sas', 'list-sa', {}), 'out', 'in'),
  };
}

function namedSpis({ policy_name, ike, ipsec }: SaRecord): readonly [string, string] {
  if (ipsec !== undefined) {
    const { inbound, outbound } = ipsec;
    return [policy_name ?? '', `${inbound.security_parameter_index} ${outbound.security_parameter_index}`];
  }
  const spi = ike?.initiator_security_parameter_index ?? '';
  return [spi, `${spi} ${ike?.responder_security_parameter_index}`];
}

function spisOf(rows: readonly Message[], first: string, second: string): ReadonlySet<string> {
  const ikeSas = rows.flatMap((row) => row.sections().map(([, ike]) => ike));
  return new Set([
    ...ikeSas.map((ike) => `${ike.text('initiator-spi')} ${ike.text('responder-spi')}`),
    ...rows
      .flatMap(childrenIn)
      .map((child) => `${child.text(`spi-${first}`)} ${child.text(`spi-${second}`)}`),
  ]);
}

async function patch(crowd: SaCrowd, { name }: CrowdPolicy, change: object): Promise<void> {
  const path = `/api/security/ipsec/policies?fields=uuid&name=${encodeURIComponent(name)}`;
  const { records } = await crowd.operator.expect<{ records: { uuid: string }[] }>(200, 'GET', path);
  await crowd.operator.patch(records[0]?.uuid ?? '', change);
}

function childrenIn(row: Message): readonly Message[] {
  return row
    .sections()
    .flatMap(([, ike]) => ike.section('child-sas')?.sections() ?? [])
    .map(([, child]) => child);
}

function difference(now: Counts, before: Counts): Counts {
  const grown = [...now].map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const);
  return new Map(grown.filter(([name, count]) => count > 0 && !heartbeats.has(name)));
}
