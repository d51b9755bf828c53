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
  /** `undefined` when charon answered, else why it did not. */
  readonly socketProblem: string | undefined;
  readonly kernelHasEsp: boolean;
}

/** The choice for an empty data directory (decision 12). `look` is called only for `auto`. */
export async function chooseDatapath(
  wish: DatapathWish,
  look: () => Promise<Surroundings>,
): Promise<ChosenDatapath> {
  if (wish !== 'auto')
    return { kind: wish, chosen: `--datapath ${wish} was given when this data directory was born` };
  const { socketPath, socketProblem, kernelHasEsp } = await look();
  if (socketProblem === undefined && kernelHasEsp)
    return { kind: 'strongswan', chosen: `charon answered at ${socketPath} and the kernel has ESP` };
  const lacks = [
    ...(socketProblem === undefined ? [] : [`no charon answers at ${socketPath} (${socketProblem})`]),
    ...(kernelHasEsp ? [] : ['this kernel has no ESP']),
  ];
  return { kind: 'simulated', chosen: lacks.join(' and ') };
}

/** The story of a choice that was recorded at an earlier start. Throws UsageError when the wish contradicts it. */
export function recordedDatapath(kind: Kind, wish: DatapathWish, dataDirectory: string): ChosenDatapath {
  if (wish !== 'auto' && wish !== kind)
    throw new UsageError(
      `${dataDirectory} was born on the ${kind} datapath and stays on it; --datapath ${wish} needs a data directory of its own.`,
    );
  return { kind, chosen: 'recorded when this data directory was born' };
}
