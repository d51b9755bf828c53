/** A pair of ESP SAs as Libreswan tells of it, in its own view of inbound and outbound. */
export interface LibreswanChildSa {
  readonly connection: string;
  /** Of its state, `#2`. */
  readonly state: string;
  /** Of the IKE SA it belongs to. */
  readonly ikeState: string;
  readonly inbound: { readonly spi: string; readonly bytes: number };
  readonly outbound: { readonly spi: string; readonly bytes: number };
}

/** What Libreswan says of itself. */
export interface LibreswanStatus {
  /** Established IKE SAs. */
  readonly ikeSas: readonly { readonly connection: string; readonly state: string }[];
  readonly childSas: readonly LibreswanChildSa[];
  /** Of the newest SAs, by connection: `AES_GCM_16_256-NONE`. */
  readonly ikeAlgorithms: ReadonlyMap<string, string>;
  readonly espAlgorithms: ReadonlyMap<string, string>;
  /** Every state there is, half-open ones too. */
  readonly states: number;
}

/** `"name"` and, if the connection is for many peers, which of them: `"name"[1] 10.9.0.1`. */
const connection = String.raw`"(?<connection>[^"]+)"(?:\[\d+\](?: [\da-f.:]+?)?)?`;
const line = (text: string): RegExp => new RegExp(`^000 ${text}`, 'gm');

const anyState = line(String.raw`#\d+: ${connection}:\d+ STATE_`);
const ikeSa = line(String.raw`(?<state>#\d+): ${connection}:\d+ STATE_V2_ESTABLISHED_IKE_SA`);
const childSa = line(
  String.raw`(?<state>#\d+): ${connection}:\d+ STATE_V2_ESTABLISHED_CHILD_SA.*IKE SA (?<ikeState>#\d+)`,
);
// `esp.` before an SPI of IPv4, `esp:` before one of IPv6. The bytes on this line are rounded.
const spis = line(String.raw`(?<state>#\d+): ${connection} esp[.:](?<out>\w+)@\S+ esp[.:](?<in>\w+)@\S+`);
const traffic = /^006 (?<state>#\d+): .*, inBytes=(?<inBytes>\d+), outBytes=(?<outBytes>\d+)/gm;
const ikeAlgorithm = line(String.raw`${connection}: +IKEv2 algorithm newest: (?<algorithm>\S+)`);
const espAlgorithm = line(String.raw`${connection}: +ESP algorithm newest: (?<algorithm>[^;\s]+)`);

/** Reads what `ipsec status` and `ipsec trafficstatus` of Libreswan 4.10 print, one after the other. */
export function parseStatus(text: string): LibreswanStatus {
  const rows = (pattern: RegExp): readonly Readonly<Record<string, string>>[] =>
    [...text.matchAll(pattern)].map(({ groups }) => groups ?? {});
  const named = (pattern: RegExp): ReadonlyMap<string, string> =>
    new Map(rows(pattern).map(({ connection = '', algorithm = '' }) => [connection, algorithm]));
  const byState = (pattern: RegExp): ReadonlyMap<string, Readonly<Record<string, string>>> =>
    new Map(rows(pattern).map((row) => [row['state'] ?? '', row]));
  const [spisOf, trafficOf] = [byState(spis), byState(traffic)];
  return {
    ikeSas: rows(ikeSa).map(({ connection = '', state = '' }) => ({ connection, state })),
    childSas: rows(childSa).map(({ connection = '', state = '', ikeState = '' }) => {
      const own = spisOf.get(state) ?? {};
      const bytes = trafficOf.get(state) ?? {};
      return {
        connection,
        state,
        ikeState,
        inbound: { spi: spiText(own['in']), bytes: Number(bytes['inBytes']) },
        outbound: { spi: spiText(own['out']), bytes: Number(bytes['outBytes']) },
      };
    }),
    ikeAlgorithms: named(ikeAlgorithm),
    espAlgorithms: named(espAlgorithm),
    states: rows(anyState).length,
  };
}

/** Libreswan leaves leading zeros away. */
function spiText(digits = ''): string {
  return digits.padStart(8, '0');
}
