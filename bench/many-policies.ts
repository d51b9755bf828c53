import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../test/support/command.ts';
import { inParallel } from './client.ts';
import { type Comparison, timed } from './median.ts';
import { type BenchPolicy, benchPolicies, restBody, swanctlConf } from './policies.ts';
import { rawViciLoop } from './raw-vici.ts';
import { localAddress, Stage } from './stage.ts';

const writers = 8;
const swanctlPatienceMs = 300_000;

interface Measured {
  readonly enabled: number[];
  readonly changed: number[];
  readonly loaded: number[];
  readonly reloaded: number[];
  readonly raw: number[];
}

/**
 * Many policies from the store into an empty charon, and one changed among them. Ours: IPsec is switched on, and every
 * policy goes with its block into charon and the guard and is confirmed. Theirs: `swanctl --load-all`, and a bare loop
 * over our own VICI client, both without blocks and into charon alone.
 */
export async function manyPolicies(count: number, rounds: number): Promise<readonly Comparison[]> {
  const policies = benchPolicies(count);
  const measured: Measured = { enabled: [], changed: [], loaded: [], reloaded: [], raw: [] };
  for (let round = 0; round < rounds; round += 1) {
    await withEsplanade(policies, measured);
    await withSwanctl(policies, measured);
    await withRawVici(policies, measured);
  }
  const ours = { does: 'from the store with blocks into two daemons, confirmed', values: measured.enabled };
  return [
    {
      what: `${count} policies from an empty charon to enforced`,
      unit: 'ms',
      ours,
      theirs: { does: '`swanctl --load-all`', values: measured.loaded },
    },
    {
      what: `${count} policies from an empty charon to enforced`,
      unit: 'ms',
      ours,
      theirs: { does: 'a bare VICI loop, no blocks, one daemon', values: measured.raw },
    },
    {
      what: `one policy changed among ${count}`,
      unit: 'ms',
      ours: { does: 'PATCH until durable, new form in force, old form gone', values: measured.changed },
      theirs: { does: '`swanctl --load-conns` of the edited file', values: measured.reloaded },
    },
  ];
}

async function withEsplanade(policies: readonly BenchPolicy[], measured: Measured): Promise<void> {
  const stage = await Stage.open({ guarded: true });
  try {
    const { server, client } = await stage.startEsplanade(writers);
    await client.expect(200, 'PATCH', '/api/security/ipsec', '{"enabled": false}');
    await inParallel(policies, writers, (policy) =>
      client.expect(201, 'POST', '/api/security/ipsec/policies', restBody(policy, localAddress)),
    );
    measured.enabled.push(
      await timed(async () => {
        await client.expect(200, 'PATCH', '/api/security/ipsec', '{"enabled": true}');
        await stage.enforced(policies.length);
      }),
    );
    const middle = policies[policies.length / 2]?.name ?? '';
    const answer = await client.expect(200, 'GET', `/api/security/ipsec/policies?name=${middle}&fields=uuid`);
    const uuid: unknown = JSON.parse(answer).records?.[0]?.uuid;
    await stage.settled(client, policies.length);
    for (const port of ['445', '3260', '2049']) {
      const body = JSON.stringify({ local_endpoint: { address: localAddress, netmask: '32', port } });
      measured.changed.push(
        await timed(async () => {
          await client.expect(200, 'PATCH', `/api/security/ipsec/policies/${uuid}`, body);
        }),
      );
    }
    client.close();
    await server.stop();
  } finally {
    await stage.close();
  }
}

async function withSwanctl(policies: readonly BenchPolicy[], measured: Measured): Promise<void> {
  const stage = await Stage.open({ guarded: false });
  try {
    const file = join(stage.directory, 'swanctl.conf');
    const { socket } = stage.daemons.charon;
    const run = (...args: readonly string[]) =>
      runCommand('swanctl', [...args, '--file', file, '--uri', `unix://${socket}`], {
        timeoutMilliseconds: swanctlPatienceMs,
      });
    await writeFile(file, swanctlConf(policies, localAddress), { mode: 0o600 });
    measured.loaded.push(
      await timed(async () => {
        await run('--load-all', '--noprompt');
        await stage.enforced(policies.length);
      }),
    );
    const middle = policies.length / 2;
    const edited = policies.map((policy, index) => (index === middle ? { ...policy, port: 445 } : policy));
    await writeFile(file, swanctlConf(edited, localAddress), { mode: 0o600 });
    measured.reloaded.push(await timed(async () => void (await run('--load-conns'))));
  } finally {
    await stage.close();
  }
}

async function withRawVici(policies: readonly BenchPolicy[], measured: Measured): Promise<void> {
  const stage = await Stage.open({ guarded: false });
  try {
    measured.raw.push(
      await timed(async () => {
        await rawViciLoop(stage.daemons.charon.socket, policies, localAddress);
        await stage.enforced(policies.length);
      }),
    );
  } finally {
    await stage.close();
  }
}
