import { runCommand } from './command.ts';
import type { Host } from './network.ts';

/** One SA as the kernel holds it. */
export interface KernelState {
  readonly source: string;
  readonly destination: string;
  /** Eight lower-case hex digits. `00000000` is a larval SA: wanted, not negotiated. */
  readonly spi: string;
  readonly mode: string;
  readonly bytes: bigint;
  readonly packets: bigint;
  readonly isInUdp: boolean;
}

/** One policy as the kernel holds it. */
export interface KernelPolicy {
  /** As printed: `10.9.0.1/32`. */
  readonly source: string;
  readonly destination: string;
  /** What the selector says besides: `proto tcp dport 2049`, or empty. */
  readonly selector: string;
  readonly direction: 'in' | 'out' | 'fwd';
  readonly priority: number;
  readonly action: 'allow' | 'block';
  /** It demands ESP. */
  readonly isProtect: boolean;
  /** `0/0x80000000` on the blocks that the guard holds; undefined without a mark. */
  readonly mark: string | undefined;
}

/** The kernel's SAD in a host, as `ip -s xfrm state` prints it. */
export async function kernelStateText(host: Host): Promise<string> {
  return (await runCommand('ip', ['-n', host.namespace, '-s', 'xfrm', 'state'])).stdout;
}

/** The kernel's SPD in a host, as `ip -s xfrm policy` prints it; per-socket entries are not in it. */
export async function kernelPolicyText(host: Host): Promise<string> {
  return (await runCommand('ip', ['-n', host.namespace, '-s', 'xfrm', 'policy', 'list', 'nosock'])).stdout;
}

/** The kernel's SAD in a host. */
export async function kernelStates(host: Host): Promise<readonly KernelState[]> {
  return records(await kernelStateText(host)).map((record) => {
    const counters = /lifetime current:\s*(\d+)\(bytes\), (\d+)\(packets\)/.exec(record);
    const [, source = '', destination = ''] = /^src (\S+) dst (\S+)/.exec(record) ?? [];
    return {
      source,
      destination,
      spi: /spi 0x([0-9a-f]{8})/.exec(record)?.[1] ?? '',
      mode: /mode (\S+)/.exec(record)?.[1] ?? '',
      bytes: BigInt(counters?.[1] ?? 0),
      packets: BigInt(counters?.[2] ?? 0),
      isInUdp: /encap type espinudp/.test(record),
    };
  });
}

/** The kernel's SPD in a host. */
export async function kernelPolicies(host: Host): Promise<readonly KernelPolicy[]> {
  return records(await kernelPolicyText(host)).map((record) => {
    const [head = ''] = record.split('\n');
    const [, source = '', destination = '', selector = ''] =
      /^src (\S+) dst (\S+)\s?(.*?)\s*(?:uid \d+)?$/.exec(head) ?? [];
    const direction = /\bdir (in|out|fwd)\b/.exec(record)?.[1];
    if (direction !== 'in' && direction !== 'out' && direction !== 'fwd')
      throw new Error(`no direction in: ${record}`);
    return {
      source,
      destination,
      selector,
      direction,
      priority: Number(/\bpriority (\d+)/.exec(record)?.[1] ?? 0),
      action: /\baction block\b/.test(record) ? 'block' : 'allow',
      isProtect: /\btmpl\b/.test(record),
      mark: /\bmark (\S+)/.exec(record)?.[1],
    };
  });
}

/** Takes every SA and policy from the kernel behind charon's back. */
export async function flushKernel(host: Host): Promise<void> {
  for (const what of ['state', 'policy'])
    await runCommand('ip', ['-n', host.namespace, 'xfrm', what, 'flush']);
}

function records(text: string): readonly string[] {
  return text.split(/\n(?=src )/).filter((record) => record.startsWith('src '));
}
