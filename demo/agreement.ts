import { swanctl } from '../test/support/stock-peer.ts';
import { type KernelState, kernelStates } from '../test/support/xfrm.ts';
import type { EspDirection, EspRecord } from './api.ts';
import { Api } from './api.ts';
import type { Lab } from './lab.ts';

/** The same SAs as seen by the API, by charon and by the kernel, at one quiet moment. */
export interface ThreeViews {
  /** The API's answer. */
  readonly answer: unknown;
  readonly records: readonly EspRecord[];
  /** `swanctl --list-sas` on our host. */
  readonly charon: string;
  /** `ip -s xfrm state` on our host. */
  readonly kernel: readonly KernelState[];
  /** Where the API says otherwise than one of the two; empty when all three agree. */
  readonly differences: readonly string[];
}

/** Looks at all three. Counters of the API may lag by 2 s, so ask again when traffic has just ended. */
export async function lookAtAll(lab: Lab, api: Api): Promise<ThreeViews> {
  const answer = await api.securityAssociations();
  const records = Api.espRecords(answer);
  const charon = await swanctl(lab.daemons.charon.socket, '--list-sas');
  const kernel = (await kernelStates(lab.network.hosts.ours)).filter(({ spi }) => spi !== '00000000');
  return { answer, records, charon, kernel, differences: differencesOf(records, charon, kernel) };
}

function differencesOf(
  records: readonly EspRecord[],
  charon: string,
  kernel: readonly KernelState[],
): readonly string[] {
  const directions = records.flatMap(({ inbound, outbound, localAddress, remoteAddress }) => [
    { sa: inbound, swanctlWord: 'in', source: remoteAddress, destination: localAddress },
    { sa: outbound, swanctlWord: 'out', source: localAddress, destination: remoteAddress },
  ]);
  const missing = kernel.filter(({ spi }) => !directions.some(({ sa }) => sa.spi === spi));
  const listed = charon.match(/INSTALLED/g)?.length ?? 0;
  const installed = records.filter(({ state }) => state === 'installed').length;
  return [
    ...missing.map(({ spi }) => `the kernel holds ${spi}, the API does not`),
    ...(listed === installed ? [] : [`swanctl lists ${listed} INSTALLED, the API ${installed}`]),
    ...directions.flatMap(({ sa, swanctlWord, source, destination }) => {
      const state = kernel.find(({ spi }) => spi === sa.spi);
      const isSame =
        state !== undefined &&
        state.source === source &&
        state.destination === destination &&
        state.mode === 'transport' &&
        Number(state.bytes) === sa.bytes &&
        Number(state.packets) === sa.packets;
      const line = new RegExp(
        `^\\s*${swanctlWord}\\s+${sa.spi}\\b.*?(\\d+) bytes,\\s*(\\d+) packets`,
        'm',
      ).exec(charon);
      const isListed = Number(line?.[1]) === sa.bytes && Number(line?.[2]) === sa.packets;
      return [
        ...(isSame
          ? []
          : [`API ${counters(sa)}, kernel ${state === undefined ? 'nothing' : counters(state)}`]),
        ...(isListed ? [] : [`API ${counters(sa)}, swanctl ${line?.[0].trim() ?? 'nothing'}`]),
      ];
    }),
  ];
}

/** `c1234567 256 bytes 4 packets`. */
export function counters(sa: Pick<KernelState, 'spi' | 'bytes' | 'packets'> | EspDirection): string {
  return `${sa.spi} ${sa.bytes} bytes ${sa.packets} packets`;
}
