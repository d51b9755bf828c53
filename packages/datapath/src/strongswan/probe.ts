import { DatapathUnavailableError } from '../errors.ts';
import { CharonSession } from './charon-session.ts';
import { type KernelEsp, probeKernelEsp } from './kernel-esp.ts';

/** Whether a charon answers. */
export type CharonAnswer =
  | { readonly kind: 'answers'; readonly version: string }
  | { readonly kind: 'silent'; readonly reason: string };

/** What there is to carry out IPsec with. */
export interface StrongswanProbe {
  readonly charon: CharonAnswer;
  /** Absent when no guard was asked for. */
  readonly guard?: CharonAnswer;
  readonly kernelEsp: KernelEsp;
}

const answerDeadlineMs = 3_000;

/** Looks once, changes nothing, and takes a few seconds at most. */
export async function probeStrongswan(
  sockets: { readonly mainSocketPath: string; readonly guardSocketPath?: string | undefined },
  signal?: AbortSignal,
): Promise<StrongswanProbe> {
  const { mainSocketPath, guardSocketPath } = sockets;
  const [charon, guard, kernelEsp] = await Promise.all([
    answerOf(mainSocketPath, signal),
    guardSocketPath === undefined ? undefined : answerOf(guardSocketPath, signal),
    probeKernelEsp(),
  ]);
  return { charon, ...(guard === undefined ? {} : { guard }), kernelEsp };
}

async function answerOf(socketPath: string, signal: AbortSignal | undefined): Promise<CharonAnswer> {
  const session = new CharonSession({ socketPath, answerDeadlineMs });
  try {
    const reply = await session.request('version', {}, { signal });
    return { kind: 'answers', version: reply.text('version') ?? 'unknown' };
  } catch (error) {
    if (error instanceof DatapathUnavailableError) return { kind: 'silent', reason: error.message };
    throw error;
  } finally {
    session.close();
  }
}
