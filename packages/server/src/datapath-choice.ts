import type { DatapathWish } from './config.ts';
import { UsageError } from './settings.ts';

type Kind = 'strongswan' | 'simulated';

/** Which datapath, and the sentence that says why. */
export interface ChosenDatapath {
  readonly kind: Kind;
  readonly chosen: string;
}

/** What `auto` looks at. */
export interface Surroundings {
  readonly socketPath: string;
  readonly charon:
    | { readonly kind: 'answers'; readonly version: string }
    | { readonly kind: 'silent'; readonly reason: string };
  readonly kernelEsp: { readonly kind: 'yes' | 'no' | 'unknown'; readonly evidence: string };
}

/** The choice for an empty data directory (decision 12). `look` is called only for `auto`. */
export async function chooseDatapath(
  wish: DatapathWish,
  look: () => Promise<Surroundings>,
): Promise<ChosenDatapath> {
  if (wish !== 'auto')
    return { kind: wish, chosen: `--datapath ${wish} was given when this data directory was born` };
  const { socketPath, charon, kernelEsp } = await look();
  if (charon.kind === 'answers' && kernelEsp.kind === 'yes') {
    const chosen = `charon ${charon.version} answers at ${socketPath} and the kernel has ESP (${kernelEsp.evidence})`;
    return { kind: 'strongswan', chosen };
  }
  const lacks = [
    ...(charon.kind === 'answers' ? [] : [charon.reason]),
    ...(kernelEsp.kind === 'yes' ? [] : [`${espLack[kernelEsp.kind]} (${kernelEsp.evidence})`]),
  ];
  return { kind: 'simulated', chosen: lacks.join(', and ') };
}

const espLack = {
  no: 'this kernel has no ESP',
  unknown: 'whether this kernel has ESP could not be found out; --datapath strongswan takes your word for it',
} as const;

/** The story of a choice that was recorded at an earlier start. Throws UsageError when the wish contradicts it. */
export function recordedDatapath(kind: Kind, wish: DatapathWish, dataDirectory: string): ChosenDatapath {
  if (wish !== 'auto' && wish !== kind)
    throw new UsageError(
      `${dataDirectory} was born on the ${kind} datapath and stays on it; --datapath ${wish} needs a data directory of its own.`,
    );
  return { kind, chosen: 'recorded when this data directory was born' };
}
