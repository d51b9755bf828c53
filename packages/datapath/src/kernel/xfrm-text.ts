/** One policy of the kernel's SPD. */
export interface KernelPolicy {
  readonly direction: 'in' | 'out' | 'fwd';
  /** With its prefix length: `10.9.0.1/32`. */
  readonly source: string;
  readonly destination: string;
  /** IANA number; 0 is any. */
  readonly protocol: number;
  /** A port, or of ICMP the type; undefined is any. */
  readonly sourcePort: number | undefined;
  /** A port, or of ICMP the code; undefined is any. */
  readonly destinationPort: number | undefined;
  readonly priority: number;
  readonly action: 'allow' | 'block';
  /** It demands an SA. */
  readonly isProtect: boolean;
  /** Value and mask as printed, e.g. `0/0x80000000`; undefined without. */
  readonly mark: string | undefined;
}

/** One SA of the kernel's SAD: what identifies it, and nothing of its keys. */
export interface KernelState {
  readonly source: string;
  readonly destination: string;
  /** `esp`, `ah`, `comp`, … */
  readonly protocol: string;
  /** Eight lower-case hex digits. */
  readonly spi: string;
  /**
   * It is wanted, not negotiated: it carries nothing. Its SPI is `00000000`, or the one of an SA that is gone when the
   * policy that wants it names that one.
   */
  readonly isLarval: boolean;
}

/**
 * The protocol names of a text in the form of /etc/protocols, which is where `ip` takes the names from that it prints.
 */
export function parseProtocolNames(text: string): ReadonlyMap<string, number> {
  const rows = text.split('\n').map((line) => line.replace(/#.*/, '').trim().split(/\s+/));
  return new Map(
    rows.flatMap(([name = '', number = '']) => (/^\d+$/.test(number) ? [[name, Number(number)]] : [])),
  );
}

/** The records of what `ip xfrm state` or `ip xfrm policy` prints. */
export function xfrmRecords(text: string): readonly string[] {
  return text.split(/\n(?=src )/).filter((record) => record.startsWith('src '));
}

/**
 * Reads a record of `ip xfrm policy list`, with or without `-s`; a protocol is a number or one of the names. Throws
 * TypeError for what is no such record.
 */
export function parseKernelPolicy(record: string, names: ReadonlyMap<string, number>): KernelPolicy {
  const [head = ''] = record.split('\n');
  const direction = word(record, /\tdir (\S+)/);
  const name = word(head, / proto (\S+)/) ?? '0';
  const protocol = /^\d+$/.test(name) ? Number(name) : names.get(name);
  const source = word(head, /^src (\S+)/);
  const destination = word(head, / dst (\S+)/);
  if (direction !== 'in' && direction !== 'out' && direction !== 'fwd') throw notAPolicy(record);
  if (source === undefined || destination === undefined || protocol === undefined) throw notAPolicy(record);
  return {
    direction,
    source,
    destination,
    protocol,
    sourcePort: optionalNumber(word(head, / (?:sport|type) (\d+)/)),
    destinationPort: optionalNumber(word(head, / (?:dport|code) (\d+)/)),
    priority: Number(word(record, / priority (\d+)/) ?? 0),
    action: / action block\b/.test(record) ? 'block' : 'allow',
    isProtect: /\n\ttmpl /.test(record),
    mark: word(record, /\n\tmark (\S+)/),
  };
}

/** Reads a record of `ip xfrm state list`. Throws TypeError for what is no such record. */
export function parseKernelState(record: string): KernelState {
  const [, source, destination] = /^src (\S+) dst (\S+)/.exec(record) ?? [];
  const [, protocol, spi] = /\n\tproto (\S+) spi 0x([0-9a-f]{8})/.exec(record) ?? [];
  if (source === undefined || destination === undefined || protocol === undefined || spi === undefined)
    throw new TypeError('this is no SA as ip xfrm prints it');
  const isLarval = !/\n\t(?:aead|enc|auth|auth-trunc|comp) /.test(record);
  return { source, destination, protocol, spi, isLarval };
}

function word(text: string, pattern: RegExp): string | undefined {
  return pattern.exec(text)?.[1];
}

function optionalNumber(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function notAPolicy(record: string): TypeError {
  return new TypeError(`this is no policy as ip xfrm prints it: ${record}`);
}
