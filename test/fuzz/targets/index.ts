import type { FuzzTarget } from '../guided/fuzz-target.ts';

/** Targets that share what they run on. */
export interface TargetFamily {
  readonly targets: readonly FuzzTarget[];
  close(): Promise<void>;
}

/** Families by name. Each loads no more code than it tries: that is what makes coverage cheap to ask for. */
export const families: Readonly<Record<string, () => Promise<TargetFamily>>> = {
  vici: async () => (await import('./vici-targets.ts')).startViciTargets(),
  text: async () => {
    const { textTargets } = await import('./text-targets.ts');
    return { targets: textTargets, close: async () => undefined };
  },
  query: async () => {
    const { queryTargets } = await import('./query-targets.ts');
    return { targets: queryTargets, close: async () => undefined };
  },
  pki: async () => {
    const { makeCredentials, pkiTargets } = await import('./pki-targets.ts');
    return { targets: pkiTargets(makeCredentials()), close: async () => undefined };
  },
  body: async () => (await import('./body-targets.ts')).startBodyTargets(),
  edge: async () => (await import('./edge-targets.ts')).startEdgeTargets(),
};
