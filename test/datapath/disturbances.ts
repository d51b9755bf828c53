import { type Message, ViciClient } from '@esplanade/vici';
import { eventually } from '../support/eventually.ts';
import type { Testbed } from '../support/testbed.ts';
import type { ProtectedFlows } from './protected-flows.ts';

const patience = { deadlineMilliseconds: 60_000 };

/** Everything that is done to a system whose traffic must stay protected, by name; `round` counts from 0. */
export type Disturbance = {
  readonly name: string;
  readonly act: (stage: DisturbedStage, round: number) => Promise<void>;
};

/** What is changed, in turn: three rounds there, three rounds back. */
const changes = ['suite', 'action', 'protocol'] as const;

export const disturbances: readonly Disturbance[] = [
  {
    name: 'change of the policy',
    act: async (stage, round) => {
      const what = changes[round % changes.length];
      const isBack = Math.floor(round / changes.length) % 2 === 1;
      if (what === 'suite') await stage.changeSuites(isBack ? 'suiteb_gcm256' : 'suiteb_gmac256');
      else if (what === 'protocol') await stage.patchIpv4({ protocol: isBack ? 'udp' : 'any' });
      else await stage.patchIpv4({ action: isBack ? 'esp_transport' : 'esp_udp' });
    },
  },
  { name: 'rotation of the key', act: (stage) => stage.rotate() },
  {
    name: 'another policy off and on',
    act: async (stage) => {
      await stage.setOther(false);
      await stage.setOther(true);
    },
  },
  {
    name: 'connections unloaded by hand',
    act: async (stage) => {
      await stage.unloadConnections();
      await stage.endSas();
      await stage.untilInForce();
    },
  },
  {
    name: 'traps uninstalled by hand',
    act: async (stage) => {
      await stage.uninstallTraps();
      await stage.endSas();
      await stage.untilInForce();
    },
  },
  { name: 'charon SIGTERM, then started', act: ({ bed }) => bed.daemons.charon.restart() },
  {
    name: 'charon SIGKILL, then started',
    act: async ({ bed: { daemons } }) => {
      await daemons.charon.kill();
      await daemons.charon.start();
    },
  },
  { name: 'server SIGTERM, then started', act: ({ bed }) => bed.restartServer('SIGTERM') },
  { name: 'server SIGKILL, then started', act: ({ bed }) => bed.restartServer('SIGKILL') },
  { name: 'guard SIGTERM, then started', act: async ({ bed }) => bed.daemons.guard?.restart() },
  {
    name: 'guard SIGKILL, then started',
    act: async ({ bed: { daemons } }) => {
      await daemons.guard?.kill();
      await daemons.guard?.start();
    },
  },
];

/** A testbed with policies beneath the flows, and the hands that disturb it. */
export class DisturbedStage implements Disposable {
  readonly bed: Testbed;
  readonly #flows: ProtectedFlows;
  readonly #charon: ViciClient;
  readonly #policies: { readonly name: string; readonly uuid: string; readonly isIpv4: boolean }[] = [];
  #other = '';
  #keys = 0;

  constructor(bed: Testbed, flows: ProtectedFlows) {
    this.bed = bed;
    this.#flows = flows;
    this.#charon = new ViciClient({ path: bed.daemons.charon.socket });
  }

  /** The policies that protect the flows, a second one between the same hosts, and the peer's half. */
  async protect(): Promise<void> {
    const { operator, ours, stock } = this.bed;
    const secretKey = this.#nextKey();
    await stock.load(this.#flows.peerConfiguration(secretKey));
    for (const [name, remote] of Object.entries(this.#flows.remotes)) {
      const isIpv4 = !remote.includes(':');
      const local = isIpv4 ? ours.ipv4 : ours.ipv6;
      const uuid = await operator.create({ name, local, remote, protocol: 'udp', secretKey });
      this.#policies.push({ name, uuid, isIpv4 });
    }
    this.#other = await operator.create({
      name: 'other',
      local: ours.ipv4,
      remote: this.#flows.remotes.four,
      protocol: 'tcp',
      secretKey,
    });
  }

  /** Resolves when every policy is carried out and the flows are answered. */
  async untilCalm(): Promise<void> {
    for (const uuid of [...this.#policies.map((policy) => policy.uuid), this.#other])
      await this.bed.operator.until(uuid, ({ state }) => state === 'applied', patience);
    await this.#flows.untilTheyFlow();
  }

  async patchIpv4(change: object): Promise<void> {
    for (const { uuid, isIpv4 } of this.#policies) if (isIpv4) await this.bed.operator.patch(uuid, change);
  }

  async changeSuites(suite: string): Promise<void> {
    for (const { name } of this.#policies) await this.bed.operator.patchByCli(name, { cipher_suite: suite });
  }

  async setOther(enabled: boolean): Promise<void> {
    await this.bed.operator.patch(this.#other, { enabled });
  }

  /** A new key here, then at the peer, and until every IKE SA has been proved with it. */
  async rotate(): Promise<void> {
    const before = await this.#ikeSas();
    const key = this.#nextKey();
    for (const uuid of [...this.#policies.map((policy) => policy.uuid), this.#other])
      await this.bed.operator.patch(uuid, { secret_key: key });
    await this.bed.stock.load(this.#flows.peerConfiguration(key));
    await eventually(
      'the IKE SAs have given way to others',
      async () => {
        const now = await this.#ikeSas();
        return now.size > 0 && now.isDisjointFrom(before);
      },
      patience,
    );
  }

  /** Takes every connection of ours out of charon behind the server's back. */
  async unloadConnections(): Promise<void> {
    const names = (await this.#charon.request('get-conns')).texts('conns');
    const protecting = names.filter((name) => /^esplanade-[0-9a-f]{12}$/.test(name));
    if (protecting.length === 0) throw new Error(`no connection protects: ${names.join(' ')}`);
    for (const name of protecting) await this.#charon.request('unload-conn', { name });
  }

  /** Takes every trap of ours out of the kernel behind the server's back. */
  async uninstallTraps(): Promise<void> {
    const children = await this.#traps();
    if (children.length === 0) throw new Error('no trap is in force');
    for (const child of children) await this.#charon.request('uninstall', { child });
  }

  /** Ends every IKE SA, so that nothing but traps and blocks decides. */
  async endSas(): Promise<void> {
    for (const id of await this.#ikeSas()) {
      const request = this.#charon.request('terminate', { 'ike-id': id, force: 'yes' });
      // Another than the one that was listed may have ended it.
      await request.catch((error: unknown) => {
        if (!/no matching SAs/.test(String(error))) throw error;
      });
    }
  }

  /** Resolves when each policy's trap is in force again. */
  async untilInForce(): Promise<void> {
    await eventually(
      'each policy has its trap again',
      async () => {
        const traps = await this.#traps();
        return this.#policies.every(({ uuid }) => traps.some((trap) => trap.startsWith(uuid)));
      },
      patience,
    );
  }

  [Symbol.dispose](): void {
    this.#charon.close();
  }

  #nextKey(): string {
    this.#keys += 1;
    return `key number ${this.#keys} of the campaign`;
  }

  async #traps(): Promise<readonly string[]> {
    const rows = await this.#charon.list('list-policies', 'list-policy', { trap: 'yes' });
    return rows.flatMap((row) => row.sections().map(([, policy]) => policy.text('child') ?? ''));
  }

  /** Ids of the IKE SAs that carry something. */
  async #ikeSas(): Promise<ReadonlySet<string>> {
    const rows = await this.#charon.list('list-sas', 'list-sa', {});
    const sas = rows.flatMap((row) => row.sections().map(([, sa]) => sa));
    const isOfUse = (sa: Message): boolean =>
      sa.text('state') === 'ESTABLISHED' && (sa.section('child-sas')?.sections().length ?? 0) > 0;
    return new Set(sas.flatMap((sa) => (isOfUse(sa) ? (sa.text('uniqueid') ?? []) : [])));
  }
}
