import { setTimeout as delay } from 'node:timers/promises';
import type { Esplanade } from '../support/esplanade.ts';
import { eventually } from '../support/eventually.ts';
import { HttpsClient } from '../support/https-client.ts';
import { Operator, type PolicyWish } from '../support/operator.ts';
import { type Found, PolicyWriter } from './policy-writer.ts';
import { SeededRandom } from './seeded-random.ts';

/** A campaign of SIGKILLs. */
export interface Campaign {
  readonly rounds: number;
  readonly writers: number;
  readonly seed: number;
  readonly dataDirectory: string;
  /** Starts the server on the same data directory as before. */
  readonly start: () => Promise<Esplanade>;
  /** Looks at what a kill has left, before the next start. Throws if that is not as it must be. */
  readonly afterKill?: () => Promise<void>;
  /** Throws if what carries the policies does not hold exactly these, all enabled. */
  readonly expectCarried?: (policies: readonly Found[]) => Promise<void>;
}

/** What a campaign came to. */
export interface Outcome {
  readonly acknowledged: number;
  /** Writes without an answer that were found carried out, and not. */
  readonly kept: number;
  readonly absent: number;
  /** Policies at the end. */
  readonly policies: number;
  readonly faults: readonly string[];
}

/** Writers write until the server is killed at a random moment; it is started again, and their books are checked. */
export async function runCampaign(campaign: Campaign): Promise<Outcome> {
  const random = new SeededRandom(campaign.seed);
  const writers = Array.from(
    { length: campaign.writers },
    (_, id) => new PolicyWriter(id, new SeededRandom(campaign.seed + 1 + id)),
  );
  const faults: string[] = [];
  let kept = 0;
  let absent = 0;
  let server = await campaign.start();
  try {
    await new Operator(server).setIpsec(true);
    for (let round = 1; round <= campaign.rounds; round += 1) {
      await writeAndKill(server, campaign.dataDirectory, writers, random);
      await campaign.afterKill?.();
      server = await campaign.start();
      const found = await everything(new Operator(server));
      for (const writer of writers) {
        const verdict = writer.check(found);
        faults.push(...verdict.faults.map((fault) => `round ${round}: ${fault}`));
        kept += verdict.kept;
        absent += verdict.absent;
      }
      const names = [...found.values()].map(({ wish }) => wish.name);
      if (new Set(names).size < names.length) faults.push(`round ${round}: two policies have one name`);
      await untilConverged(new Operator(server));
      await campaign.expectCarried?.([...found.values()].filter(({ wish }) => wish.enabled !== false));
    }
  } finally {
    await server.stop();
  }
  const acknowledged = writers.reduce((sum, writer) => sum + writer.acknowledged, 0);
  const policies = writers.reduce((sum, writer) => sum + writer.size, 0);
  return { acknowledged, kept, absent, policies, faults };
}

/** At least this many writes a round are acknowledged before the kill. */
const fewestWrites = 45;

async function writeAndKill(
  server: Esplanade,
  dataDirectory: string,
  writers: readonly PolicyWriter[],
  random: SeededRandom,
): Promise<void> {
  const total = (): number => writers.reduce((sum, writer) => sum + writer.acknowledged, 0);
  const before = total();
  let isOver = false;
  // Connections that stay open: a new one costs more than a write, and the kill would mostly hit handshakes.
  const client = new HttpsClient(server.url, dataDirectory);
  const writing = Promise.all(writers.map((writer) => writer.write(client, () => isOver)));
  // Writers go on until the server does not answer. A fault of one ends the wait below, and is thrown further down.
  let haveEnded = false;
  const end = (): void => {
    haveEnded = true;
  };
  writing.then(end, end);
  await eventually('enough writes', () => haveEnded || total() - before >= fewestWrites, {
    deadlineMilliseconds: 60_000,
    intervalMilliseconds: 5,
  });
  await delay(random.next() * 150);
  const hasGivenUp = haveEnded;
  await server.kill();
  isOver = true;
  await writing;
  if (hasGivenUp) throw new Error(`the server ended by itself:\n${server.log.slice(-20).join('\n')}`);
  client.close();
}

/** Each policy has reached the state that its own settings ask for. */
async function untilConverged(operator: Operator): Promise<void> {
  const isSettled = ({ state }: { readonly state: string }): boolean =>
    state === 'applied' || state === 'shadowed' || state === 'disabled';
  await eventually('all policies are carried out', async () => {
    const statuses = await operator.statuses();
    return statuses.every(
      (status) => isSettled(status) && (status.applied_revision ?? 0) >= status.desired_revision,
    );
  });
}

interface PolicyRecord {
  readonly uuid: string;
  readonly name: string;
  readonly action: NonNullable<PolicyWish['action']>;
  readonly protocol: 'tcp' | 'udp';
  readonly enabled: boolean;
  readonly local_endpoint: { readonly address: string };
  readonly remote_endpoint: { readonly address: string; readonly port: string };
}

async function everything(operator: Operator): Promise<ReadonlyMap<string, Found>> {
  const path = '/api/security/ipsec/policies?fields=*&max_records=10000';
  const { records } = await operator.expect<{ readonly records: readonly PolicyRecord[] }>(200, 'GET', path);
  return new Map(
    records.map((record) => {
      const { uuid, name, action, protocol, enabled } = record;
      const [remotePort] = record.remote_endpoint.port.split('-').map(Number);
      const wish: PolicyWish = {
        name,
        action,
        local: record.local_endpoint.address,
        remote: record.remote_endpoint.address,
        protocol,
        ...(remotePort !== undefined && { remotePort }),
        enabled,
      };
      return [uuid, { uuid, wish }] as const;
    }),
  );
}
