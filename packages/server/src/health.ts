/** Whether the server can do its work, as `/readyz` tells it: for people and for probes. */
export interface Health {
  readonly ready: boolean;
  readonly version: string;
  readonly node: string;
  readonly store: { readonly kind: 'embedded'; readonly ready: boolean };
  readonly datapath: {
    readonly kind: 'strongswan' | 'simulated';
    /** Why this kind: chosen now, or recorded when the data directory was born. */
    readonly chosen: string;
    readonly ipspaces: readonly IpspaceHealth[];
  };
}

export interface IpspaceHealth {
  readonly ipspace: string;
  readonly ready: boolean;
  /** What carries the policies, with version and endpoint. */
  readonly carrier: string;
  /**
   * Where the block beneath protected selectors lives: in a guard it also covers an orderly restart of charon.
   * `simulated` where there are no packets.
   */
  readonly guard: 'present' | 'absent' | 'simulated';
  /** Why it is not ready, a sentence. */
  readonly reason?: string;
}

/** An IPspace that carries nothing may be without charon; `Default` and those with policies may not. */
export function isReady(
  ipspaces: readonly IpspaceHealth[],
  holdsPolicies: (ipspaceName: string) => boolean,
): boolean {
  return ipspaces.every(({ ipspace, ready }) => ready || (ipspace !== 'Default' && !holdsPolicies(ipspace)));
}
