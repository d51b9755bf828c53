import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { swanctl } from '../test/support/stock-peer.ts';
import { inParallel } from './client.ts';
import { type Comparison, timed } from './median.ts';
import { type BenchPolicy, benchPolicies, restBody, swanctlConf } from './policies.ts';
import { localAddress, Stage } from './stage.ts';

const count = 1_000;
const rounds = 3;
const writers = 8;

/**
 * 1,000 policies from nothing to enforced, and one changed among them. Ours: POSTed one by one over HTTPS, each
 * validated, committed to disk, loaded with its block into charon and the guard, and confirmed in force; and, as after
 * charon's restart, from the store into an empty charon. Theirs: `swanctl --load-all` of the same policies from one
 * file, without blocks.
 */
export async function loadPolicies(): Promise<readonly Comparison[]> {
  const policies = benchPolicies(count);
  const posted: number[] = [];
  const restored: number[] = [];
  const loaded: number[] = [];
  const changed: number[] = [];
  const reloaded: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await withEsplanade(policies, { posted, restored, changed });
    await withSwanctl(policies, { loaded, reloaded });
  }
  const swanctlLoad = { does: '`swanctl --load-all` into an empty charon', values: loaded };
  return [
    {
      what: `${count} policies POSTed by ${writers} writers until durable and enforced`,
      unit: 'ms',
      ours: { does: 'validate, commit, load policy and block, confirm', values: posted },
      theirs: swanctlLoad,
    },
    {
      what: `${count} stored policies into an empty charon after its restart`,
      unit: 'ms',
      ours: { does: 'notice, load everything, confirm', values: restored },
      theirs: swanctlLoad,
    },
    {
      what: `one policy changed among ${count}`,
      unit: 'ms',
      ours: { does: 'PATCH until durable, new form in force, old form gone', values: changed },
      theirs: { does: '`swanctl --load-conns` of the edited file', values: reloaded },
    },
  ];
}

async function withEsplanade(
  policies: readonly BenchPolicy[],
  results: { readonly posted: number[]; readonly restored: number[]; readonly changed: number[] },
): Promise<void> {
  const stage = await Stage.open({ guarded: true });
  try {
    const { server, client } = await stage.startEsplanade(writers);
    results.posted.push(
      await timed(async () => {
        await inParallel(policies, writers, (policy) =>
          client.expect(201, 'POST', '/api/security/ipsec/policies', restBody(policy, localAddress)),
        );
        await stage.enforced(count);
      }),
    );
    const uuid = await uuidOf(client, policies[count / 2]);
    for (const port of ['445', '3260', '2049']) {
      results.changed.push(
        await timed(async () => {
          const body = JSON.stringify({ local_endpoint: { address: localAddress, netmask: '32', port } });
          await client.expect(200, 'PATCH', `/api/security/ipsec/policies/${uuid}`, body);
        }),
      );
    }
    await stage.daemons.charon.kill();
    await stage.daemons.charon.start();
    results.restored.push(await timed(() => stage.enforced(count)));
    client.close();
    await server.stop();
  } finally {
    await stage.close();
  }
}

async function uuidOf(
  client: { expect(status: number, method: string, path: string): Promise<string> },
  policy: BenchPolicy | undefined,
): Promise<string> {
  const text = await client.expect(
    200,
    'GET',
    `/api/security/ipsec/policies?name=${policy?.name ?? ''}&fields=uuid`,
  );
  const uuid: unknown = JSON.parse(text).records?.[0]?.uuid;
  if (typeof uuid !== 'string') throw new Error(`no policy to change in ${text}`);
  return uuid;
}

async function withSwanctl(
  policies: readonly BenchPolicy[],
  results: { readonly loaded: number[]; readonly reloaded: number[] },
): Promise<void> {
  const stage = await Stage.open({ guarded: false });
  try {
    const file = join(stage.directory, 'swanctl.conf');
    const { socket } = stage.daemons.charon;
    await writeFile(file, swanctlConf(policies, localAddress), { mode: 0o600 });
    results.loaded.push(
      await timed(async () => {
        await swanctl(socket, '--load-all', '--noprompt', '--file', file);
        await stage.enforced(count);
      }),
    );
    for (const port of [445, 3260, 2049]) {
      const edited = policies.map((policy, index) => (index === count / 2 ? { ...policy, port } : policy));
      await writeFile(file, swanctlConf(edited, localAddress), { mode: 0o600 });
      results.reloaded.push(
        await timed(async () => {
          await swanctl(socket, '--load-conns', '--file', file);
        }),
      );
    }
  } finally {
    await stage.close();
  }
}
