import { ViciClient } from '@esplanade/vici';
import { type CrowdPolicy, SaCrowd } from '../test/datapath/sa-crowd.ts';
import { eventually } from '../test/support/eventually.ts';
import { swanctl } from '../test/support/stock-peer.ts';
import { Client } from './client.ts';
import { type Comparison, timed } from './median.ts';
import { resultMark } from './sa-collection.ts';
import { authorization } from './stage.ts';

/** What `sa-collection.ts` runs where there is ESP. */
const shape = { peers: 50, ports: 20, withoutSa: 0 };
const childSas = shape.peers * shape.ports;
const records = childSas + shape.peers;
const rounds = 9;
const collection = '/api/security/ipsec/security-associations';
const everything = `${collection}?fields=*&max_records=10000`;
const page = `${collection}?max_records=20`;
const childCount = `${collection}?type=ipsec&return_records=false`;

await using crowd = await SaCrowd.start(shape);
const client = new Client(crowd.server.url, { connections: 1, headers: authorization });
const { socket } = crowd.daemons.charon;
const measured = {
  everything: [] as number[],
  page: [] as number[],
  swanctl: [] as number[],
  seen: [] as number[],
  seenBySwanctl: [] as number[],
};

const listed = async (path: string): Promise<number> =>
  JSON.parse(await client.expect(200, 'GET', path)).num_records;
const bySwanctl = async (): Promise<number> =>
  [...(await swanctl(socket, '--list-sas', '--raw')).matchAll(/ spi-in=/g)].length;

/** The peer ends an SA; how long until a reader who asks again and again no longer finds it. */
async function untilSeen({ remote, port }: CrowdPolicy, read: () => Promise<boolean>): Promise<number> {
  const vici = new ViciClient({ path: crowd.stock.charon.socket });
  try {
    return await timed(async () => {
      await vici.request('terminate', { ike: remote, child: `port-${port}` });
      await eventually('the SA is no longer listed', read, { intervalMilliseconds: 1 });
    });
  } finally {
    vici.close();
  }
}

await eventually('the API lists every SA', async () => (await listed(everything)) === records);
if ((await bySwanctl()) !== childSas) throw new Error('swanctl does not list every SA');
for (let round = 0; round < rounds; round += 1) {
  measured.everything.push(await timed(async () => void (await client.expect(200, 'GET', everything))));
  measured.swanctl.push(await timed(async () => void (await swanctl(socket, '--list-sas', '--raw'))));
  measured.page.push(await timed(async () => void (await client.expect(200, 'GET', page))));
}
const [kilobytes, pageKilobytes] = await Promise.all(
  [everything, page].map(async (path) => ((await client.expect(200, 'GET', path)).length / 1_000).toFixed(0)),
);
for (let round = 0; round < rounds; round += 1) {
  const [ended, endedToo] = crowd.policies.slice(2 * round);
  if (ended === undefined || endedToo === undefined) throw new Error('no SA is left to end');
  const left = childSas - 2 * round;
  measured.seen.push(await untilSeen(ended, async () => (await listed(childCount)) < left));
  measured.seenBySwanctl.push(await untilSeen(endedToo, async () => (await bySwanctl()) < left - 1));
  await eventually('the API lists what is left', async () => (await listed(childCount)) === left - 2);
}
client.close();

const listing = { does: '`swanctl --list-sas --raw`', values: measured.swanctl };
const result: readonly Comparison[] = [
  {
    what: `${childSas} SAs: the whole collection, every field (${kilobytes} kB)`,
    unit: 'ms',
    ours: { does: 'GET of the last observation', values: measured.everything },
    theirs: listing,
  },
  {
    what: `${childSas} SAs: a page of 20 (${pageKilobytes} kB)`,
    unit: 'ms',
    ours: { does: 'GET of the last observation', values: measured.page },
    theirs: listing,
  },
  {
    what: `one of ${childSas} SAs ended by the peer, until a reader sees it`,
    unit: 'ms',
    ours: { does: 'the event, and GETs of the number of SAs until it is smaller', values: measured.seen },
    theirs: { does: '`swanctl --list-sas --raw` until it is gone', values: measured.seenBySwanctl },
  },
];
process.stdout.write(`${resultMark}${JSON.stringify(result)}\n`);
