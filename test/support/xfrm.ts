import { readFile } from 'node:fs/promises';
import {
  parseKernelPolicy,
  parseKernelState,
  parseProtocolNames,
  type KernelPolicy as ReadPolicy,
  type KernelState as ReadState,
  xfrmRecords,
} from '@esplanade/datapath/kernel';
import { runCommand } from './command.ts';
import type { Host } from './network.ts';

/** One SA as the kernel holds it. */
export interface KernelState extends ReadState {
  readonly mode: string;
  readonly bytes: bigint;
  readonly packets: bigint;
  readonly isInUdp: boolean;
}

/** One policy as the kernel holds it. */
export interface KernelPolicy extends ReadPolicy {
  /** What the selector says besides addresses, as printed: `proto tcp dport 2049`, or empty. */
  readonly selector: string;
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
  return xfrmRecords(await kernelStateText(host)).map((record) => {
    const counters = /lifetime current:\s*(\d+)\(bytes\), (\d+)\(packets\)/.exec(record);
    return {
      ...parseKernelState(record),
      mode: /mode (\S+)/.exec(record)?.[1] ?? '',
      bytes: BigInt(counters?.[1] ?? 0),
      packets: BigInt(counters?.[2] ?? 0),
      isInUdp: /encap type espinudp/.test(record),
    };
  });
}

/** The kernel's SPD in a host. */
export async function kernelPolicies(host: Host): Promise<readonly KernelPolicy[]> {
  const names = parseProtocolNames(await readFile('/etc/protocols', 'utf8'));
  return xfrmRecords(await kernelPolicyText(host)).map((record) => {
    const [, selector = ''] = /^src \S+ dst \S+\s?(.*?)\s*(?:uid \d+)?\n/.exec(record) ?? [];
    return { ...parseKernelPolicy(record, names), selector };
  });
}

/** Takes every SA and policy from the kernel behind charon's back. */
export async function flushKernel(host: Host): Promise<void> {
  for (const what of ['state', 'policy'])
    await runCommand('ip', ['-n', host.namespace, 'xfrm', what, 'flush']);
}

/** How many packets the kernel has dropped in a host on account of IPsec, by the reason it gives. */
export async function droppedPackets(host: Host): Promise<ReadonlyMap<string, number>> {
  const { stdout } = await runCommand('ip', ['netns', 'exec', host.namespace, 'cat', '/proc/net/xfrm_stat']);
  return new Map(
    [...stdout.matchAll(/^(\S+)\s+(\d+)$/gm)].map(([, reason = '', count]) => [reason, Number(count)]),
  );
}
