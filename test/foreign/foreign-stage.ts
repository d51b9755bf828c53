import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ViciClient } from '@esplanade/vici';
import { Capture } from '../support/capture.ts';
import { eventually } from '../support/eventually.ts';
import { Libreswan, type LibreswanConfiguration, type LibreswanCredentials } from '../support/libreswan.ts';
import type { Packet } from '../support/packet.ts';
import { Testbed } from '../support/testbed.ts';
import { type Sas, sasInForce, sasOfApi, sasOfLibreswan, uncounted } from './sa-pairs.ts';

interface Spis {
  readonly ike: readonly string[];
  readonly child: readonly string[];
}

/** A testbed where Libreswan has taken the stock peer's place. */
export class ForeignStage implements AsyncDisposable {
  readonly bed: Testbed;
  readonly libreswan: Libreswan;
  /** Our charon's socket. */
  readonly charon: ViciClient;
  readonly #capture: Capture;
  readonly #closing: AsyncDisposableStack;
  #seenPackets = 0;

  private constructor(
    parts: Pick<ForeignStage, 'bed' | 'libreswan' | 'charon'>,
    capture: Capture,
    closing: AsyncDisposableStack,
  ) {
    this.bed = parts.bed;
    this.libreswan = parts.libreswan;
    this.charon = parts.charon;
    this.#capture = capture;
    this.#closing = closing;
  }

  static async start(credentials?: LibreswanCredentials): Promise<ForeignStage> {
    await using opened = new AsyncDisposableStack();
    const bed = opened.use(await Testbed.start());
    await bed.stock.stop();
    const libreswan = await Libreswan.start({
      namespace: bed.peer.namespace,
      directory: join(bed.directory, 'libreswan'),
      ...(credentials && { credentials }),
    });
    opened.defer(() => libreswan.stop());
    const capture = await Capture.start(bed.network, bed.ours, join(bed.directory, 'foreign.pcap'));
    opened.defer(async () => {
      await capture.stop();
    });
    const charon = opened.adopt(new ViciClient({ path: bed.daemons.charon.socket }), (vici) => vici.close());
    return new ForeignStage({ bed, libreswan, charon }, capture, opened.move());
  }

  /** Clears away what the scenario before has left, and configures Libreswan for the next. */
  async begin(configuration: LibreswanConfiguration): Promise<void> {
    const { operator } = this.bed;
    for (const { uuid } of await operator.statuses()) await operator.delete(uuid);
    await this.libreswan.load(configuration);
    await this.untilNoSas();
    await this.packetsSince();
  }

  /** Ends every SA from Libreswan's side and waits until neither end holds any. */
  async endSas(connections: readonly string[]): Promise<void> {
    for (const name of connections) await this.libreswan.terminate(name);
    await this.untilNoSas();
  }

  async untilNoSas(): Promise<void> {
    await eventually('no SA is left', async () => (await this.bed.operator.sas()).records.length === 0);
    await eventually('Libreswan has none', async () => (await this.libreswan.status()).states === 0);
  }

  /** What crossed our cable since this was last asked. */
  async packetsSince(): Promise<readonly Packet[]> {
    const all = await this.#capture.packets();
    const since = all.slice(this.#seenPackets);
    this.#seenPackets = all.length;
    return since;
  }

  /** Whether a post-quantum key is mixed into our only IKE SA. */
  async isPostquantum(): Promise<boolean> {
    const rows = await this.charon.list('list-sas', 'list-sa', {});
    const ppk = rows.flatMap((row) => row.sections().map(([, ike]) => ike.text('ppk')));
    if (ppk.length !== 1) throw new Error(`${ppk.length} IKE SAs`);
    return ppk[0] === 'yes';
  }

  /** Rekeys from our side what the policy's SAs are, at charon's socket as its timer would. */
  async rekeyOurs(which: 'ike' | 'child'): Promise<void> {
    const rows = await this.charon.list('list-sas', 'list-sa', {});
    const ikeSas = rows.flatMap((row) => row.sections());
    const names =
      which === 'ike'
        ? ikeSas.map(([name]) => name)
        : ikeSas.flatMap(
            ([, ike]) =>
              ike
                .section('child-sas')
                ?.sections()
                .map(([, sa]) => sa.text('name') ?? '') ?? [],
          );
    for (const name of new Set(names)) await this.charon.request('rekey', { [which]: name });
  }

  /**
   * Resolves to the SAs once both ends show the same, with as many bytes unless packets may have been lost. Throws with
   * both views if they stay apart.
   */
  async equalSas(expectedPairs: number, isLossless = true): Promise<Sas> {
    const compared = (sas: Sas | undefined): unknown => (isLossless ? sas : uncounted(sas));
    let last: readonly (Sas | undefined)[] = [];
    try {
      return await eventually('both ends show the same SAs', async () => {
        const theirs = sasOfLibreswan(await this.libreswan.status());
        const ours = sasOfApi((await this.bed.operator.sas()).records);
        last = [ours, theirs];
        return (
          ours?.pairs.length === expectedPairs && isDeepStrictEqual(compared(ours), compared(theirs)) && ours
        );
      });
    } catch (error) {
      throw new Error(`ours and Libreswan's SAs differ: ${JSON.stringify(last)}`, { cause: error });
    }
  }

  /** SPIs of our SAs: of the IKE SAs' initiators and responders, and of the inbound ESP SAs. */
  async spis(): Promise<Spis> {
    const records = sasInForce((await this.bed.operator.sas()).records);
    return {
      ike: records.flatMap(({ ike }) =>
        ike === undefined
          ? []
          : `${ike.initiator_security_parameter_index} ${ike.responder_security_parameter_index}`,
      ),
      child: records.flatMap(({ ipsec }) => ipsec?.inbound.security_parameter_index ?? []),
    };
  }

  /** Waits until there is one SA of the kind again, and it is another. */
  async untilRekeyed(which: keyof Spis, before: Spis): Promise<void> {
    await eventually(`another ${which} SA has taken over`, async () => {
      const now = (await this.spis())[which];
      return now.length === 1 && !before[which].includes(now[0] ?? '');
    });
  }

  logs(): string {
    return `${this.bed.logs()}\n---- libreswan\n${this.libreswan.log.slice(-80).join('\n')}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closing.disposeAsync();
  }
}
