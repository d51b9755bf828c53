import { type MessageInput, ViciClient } from '@esplanade/vici';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { swanctlConf } from '../support/peer-connection.ts';
import { Testbed } from '../support/testbed.ts';
import { type DriftCampaign, driftTotal, runDriftCampaign, type Way } from './drift-campaign.ts';

const secretKey = 'a key of the two of us';
/** Two policies on one IKE SA, and one on another. */
const ports = { one: 4001, two: 4002, apart: 4003 };
const apartIdentity = 'apart.example';

/** Somebody else at charon's socket ends SAs of ours. */
describe('an SA ended by hand', () => {
  let bed: Testbed;
  let charon: ViciClient;
  const uuids = new Map<string, string>();

  const create = async (name: keyof typeof ports, localIdentity?: string): Promise<void> => {
    const uuid = await bed.operator.create({
      name,
      local: bed.ours.ipv4,
      remote: bed.peer.ipv4,
      protocol: 'udp',
      remotePort: ports[name],
      secretKey,
      ...(localIdentity !== undefined && { localIdentity }),
    });
    uuids.set(name, uuid);
  };

  beforeAll(async () => {
    bed = await Testbed.start();
    charon = new ViciClient({ path: bed.daemons.charon.socket });
    const ends = { local: bed.peer.ipv4, remote: bed.ours.ipv4 };
    const children = Object.entries(ports).map(([name, port]) => ({
      name,
      localTs: `${bed.peer.ipv4}/32[udp/${port}]`,
      remoteTs: `${bed.ours.ipv4}/32[udp]`,
    }));
    await bed.stock.load(
      swanctlConf(
        [
          { ...ends, name: 'both', children: children.slice(0, 2) },
          { ...ends, name: 'apart', remoteIdentity: apartIdentity, children: children.slice(2) },
        ],
        [
          { name: 'both', identities: [bed.ours.ipv4, bed.peer.ipv4], key: secretKey },
          { name: 'apart', identities: [apartIdentity, bed.peer.ipv4], key: secretKey },
        ],
      ),
    );
    await create('one');
    await create('two');
    await create('apart', apartIdentity);
    for (const [name, port] of Object.entries(ports)) {
      await bed.traffic.peer.echo('udp', bed.peer.ipv4, port);
      const once = { source: bed.ours.ipv4, destination: bed.peer.ipv4, port, perSecond: 10 };
      await eventually(`${name} is up`, async () => (await bed.traffic.ours.send(once, 1)).answered === 1);
    }
  });
  afterAll(async () => {
    charon?.close();
    await bed?.[Symbol.asyncDispose]();
  });
  beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(bed.logs())));

  interface Sa {
    readonly connection: string;
    readonly ikeId: string;
    readonly policy: string;
    readonly child: string;
    readonly id: string;
    readonly spi: string;
    readonly isInstalled: boolean;
  }
  const sas = async (): Promise<readonly Sa[]> => {
    const rows = await charon.list('list-sas', 'list-sa', {});
    const names = new Map([...uuids].map(([name, uuid]) => [uuid, name]));
    return rows.flatMap((row) =>
      row.sections().flatMap(([connection, ike]) =>
        (ike.section('child-sas')?.sections() ?? []).map(([, sa]) => ({
          connection,
          ikeId: ike.text('uniqueid') ?? '',
          policy: names.get((sa.text('name') ?? '').slice(0, 36)) ?? '',
          child: sa.text('name') ?? '',
          id: sa.text('uniqueid') ?? '',
          spi: sa.text('spi-in') ?? '',
          isInstalled: sa.text('state') === 'INSTALLED',
        })),
      ),
    );
  };
  const saOf = async (policy: keyof typeof ports): Promise<Sa> => {
    const found = (await sas()).find((sa) => sa.policy === policy);
    if (found === undefined) throw new Error(`${policy} has no SA`);
    return found;
  };
  /** Ends SAs as somebody with a socket of charon would, and holds that those of the other policies stay. */
  const terminate = async (hits: readonly string[], message: MessageInput): Promise<void> => {
    const others = (list: readonly Sa[]): readonly string[] =>
      list.filter(({ policy }) => !hits.includes(policy)).map(({ spi }) => spi);
    const before = await sas();
    await charon.request('terminate', message);
    expect(others(await sas())).toEqual(others(before));
    const former = new Set(before.map(({ spi }) => spi));
    await eventually('new SAs are in the place of the former', async () => {
      const now = await sas();
      return hits.every((name) =>
        now.some(({ policy, spi, isInstalled }) => policy === name && isInstalled && !former.has(spi)),
      );
    });
    expect(others(await sas())).toEqual(others(before));
  };
  const way = (what: string, hits: readonly string[], message: () => Promise<MessageInput>): Way => ({
    way: what,
    hits,
    kind: 'ended_sa',
    act: async () => terminate(hits, await message()),
  });
  const ways: readonly Way[] = [
    way('a CHILD SA by its name', ['one'], async () => ({ child: (await saOf('one')).child })),
    way('a CHILD SA by its id', ['two'], async () => ({ 'child-id': (await saOf('two')).id })),
    way('an IKE SA by its name', ['one', 'two'], async () => ({ ike: (await saOf('one')).connection })),
    way('an IKE SA by its id', ['one', 'two'], async () => ({ 'ike-id': (await saOf('two')).ikeId })),
    way('an IKE SA without asking the remote', ['apart'], async () => ({
      ike: (await saOf('apart')).connection,
      force: 'yes',
    })),
  ];
  /** Each policy's SAs: how many, and whether they can carry packets. */
  const held = async (): Promise<readonly string[]> =>
    (await sas()).map(({ policy, isInstalled }) => `${policy} ${isInstalled}`).sort();

  it(`is back within 5 s without a packet that needs it, in ${ways.length} ways, once and no other`, {
    timeout: 1_800_000,
  }, async () => {
    const campaign: DriftCampaign = { server: bed.server, operator: bed.operator, ways, held };
    await runDriftCampaign(campaign);
  });

  it('is back once when a packet is faster', { timeout: 60_000 }, async () => {
    const flow = { source: bed.ours.ipv4, destination: bed.peer.ipv4, port: ports.one, perSecond: 100 };
    const running = bed.traffic.ours.send(flow, 400);
    await terminate(['one', 'two'], { ike: (await saOf('one')).connection });
    await running;
    await eventually(
      'each policy has one SA',
      async () => JSON.stringify(await held()) === JSON.stringify(['apart true', 'one true', 'two true']),
    );
  });

  it('is not laid to somebody when the remote or the operator of the policy ended it', {
    timeout: 60_000,
  }, async () => {
    const before = await driftTotal(bed.server, 'ended_sa');
    await bed.stock.swanctl('--terminate', '--ike', 'apart');
    await eventually('the remote has ended it', async () =>
      (await sas()).every(({ policy }) => policy !== 'apart'),
    );
    await bed.operator.delete(uuids.get('two') ?? '');
    await eventually('it went with its policy', async () =>
      (await sas()).every(({ policy }) => policy === 'one'),
    );
    expect(await driftTotal(bed.server, 'ended_sa')).toBe(before);
  });
});
