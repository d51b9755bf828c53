import { type EventStream, type Message, ViciConnectionError } from '@esplanade/vici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SaRecord } from '../support/operator.ts';
import { Traffic } from '../support/traffic.ts';
import type { Counts } from '../support/vici-tally.ts';
import { type CrowdPolicy, type CrowdShape, SaCrowd } from './sa-crowd.ts';

const isFull = process.env['ESPLANADE_CAMPAIGN'] === 'full';
const shape: CrowdShape = isFull
  ? { peers: 10, ports: 10, withoutSa: 900 }
  : { peers: 5, ports: 6, withoutSa: 170 };
const perSecond = 100;
const mostCommands = 5;
/** Longer than a reader of the API counts as one, so that nothing is asked for a reader's sake. */
const quietMs = 2_500;

/** What every 20 and 40 s tells that the daemons answer; a change never asks it. */
const heartbeats: ReadonlySet<string> = new Set(['charon get-shared', 'guard get-conns']);

describe(`a change of one policy among ${shape.peers * shape.ports + shape.withoutSa}, ${shape.peers * shape.ports} SAs up`, () => {
  let crowd: SaCrowd;
  let traffic: { readonly ours: Traffic; readonly peer: Traffic };
  const opened = new AsyncDisposableStack();

  /** What the peer's charon told of its CHILD SAs. */
  const told: string[] = [];
  let listening: Promise<void>;

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
  }, 300_000);

  afterAll(() => opened.disposeAsync());

  /** Everything that is not of this policy, from our side by API and charon, and from the peer's. */
  const others = async ({ name, remote, port }: CrowdPolicy): Promise<Views> => {
    const path = '/api/security/ipsec/security-associations?fields=*&max_records=10000';
    const { records } = await crowd.operator.expect<{ records: SaRecord[] }>(200, 'GET', path);
    const rows = await crowd.vici.ours.list('list-sas', 'list-sa', {});
    const peerRows = await crowd.vici.peer.list('list-sas', 'list-sa', {});
    const own = records.flatMap(({ type, policy_name, ipsec }) =>
      type === 'ipsec' && policy_name === name ? (ipsec?.inbound.security_parameter_index ?? []) : [],
    );
    return {
      api: records.filter((sa) => sa.type === 'ike' || sa.policy_name !== name).map(spisOfRecord),
      charon: spisOfRows(rows, (child) => !own.includes(child.text('spi-in') ?? '')),
      peer: spisOfRows(
        peerRows,
        (child, ike) => !(ike.text('local-host') === remote && child.text('name') === `port-${port}`),
      ),
      own,
    };
  };

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

  it.each(changes)('of $what touches nothing else', async ({ index, hasSa, change, ...bound }) => {
    const changed = policyAt(index);
    const before = await others(changed);
    await crowd.untilQuiet(quietMs);
    const { remote: destination, port } = policyAt(0);
    const stop = await traffic.ours.flow({ source: crowd.ours.ipv4, destination, port, perSecond });
    const asked = crowd.asked;
    told.length = 0;
    await change(changed);
    await crowd.untilQuiet(quietMs);
    const commands = difference(crowd.asked, asked);
    const flow = await stop();
    const after = await others(changed);
    const total = [...commands.values()].reduce((sum, one) => sum + one, 0);
    console.info(
      `${total} commands: ${[...commands].map(([name, count]) => `${name} ${count}`).join(', ')}; ` +
        `${after.api.length} other SAs, ${flow.sent - flow.answered} of ${flow.sent} packets lost`,
    );
    expect({ ...after, own: [] }).toEqual({ ...before, own: [] });
    expect(before.own).toHaveLength(hasSa ? 1 : 0);
    expect(after.own).toHaveLength(hasSa ? 1 : 0);
    if (hasSa) expect(after.own).not.toEqual(before.own);
    // New before old, as the peer saw it.
    expect(told).toEqual(hasSa ? [`port-${changed.port} up`, `port-${changed.port} down`] : []);
    expect(flow).toMatchObject({ answered: flow.sent, refused: {} });
    expect(total).toBeLessThanOrEqual(bound.mostCommands);
  });
});

interface Views {
  readonly api: readonly string[];
  readonly charon: readonly string[];
  readonly peer: readonly string[];
  /** Inbound SPIs of the changed policy. */
  readonly own: readonly string[];
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

function spisOfRecord({ ike, ipsec }: SaRecord): string {
  const spis = [
    ike?.initiator_security_parameter_index,
    ike?.responder_security_parameter_index,
    ipsec?.inbound.security_parameter_index,
    ipsec?.outbound.security_parameter_index,
  ];
  return spis.filter((spi) => spi !== undefined).join(' ');
}

function spisOfRows(
  rows: readonly Message[],
  isWanted: (child: Message, ike: Message) => boolean,
): readonly string[] {
  return rows
    .flatMap((row) => row.sections().map(([, ike]) => ike))
    .flatMap((ike) => [
      `${ike.text('initiator-spi')} ${ike.text('responder-spi')}`,
      ...(ike.section('child-sas')?.sections() ?? [])
        .filter(([, child]) => isWanted(child, ike))
        .map(([, child]) => `${child.text('spi-in')} ${child.text('spi-out')}`),
    ])
    .sort();
}

function difference(now: Counts, before: Counts): Counts {
  const grown = [...now].map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const);
  return new Map(grown.filter(([name, count]) => count > 0 && !heartbeats.has(name)));
}
