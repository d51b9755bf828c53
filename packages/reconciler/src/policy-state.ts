/**
 * What became of a policy in the datapath (decision 4). `reason` is a sentence for the operator; `code` a stable word
 * for scripts.
 */
export type PolicyState =
  /** The datapath holds exactly what was desired at `appliedRevision`. */
  | {
      readonly kind: 'applied';
      readonly appliedRevision: number;
      readonly sinceMs: number;
      readonly lastFailure?: string;
    }
  /** Not applied yet; retried by itself. */
  | {
      readonly kind: 'pending';
      readonly reason: string;
      readonly appliedRevision?: number;
      readonly sinceMs: number;
    }
  /** The datapath refused it; retried with backoff, but somebody should look. */
  | {
      readonly kind: 'failed';
      readonly reason: string;
      readonly appliedRevision?: number;
      readonly sinceMs: number;
    }
  /** An older policy with the identical selector is loaded instead. */
  | {
      readonly kind: 'shadowed';
      readonly by: string;
      readonly appliedRevision: number;
      readonly sinceMs: number;
    }
  /** Disabled itself, or IPsec as a whole is. */
  | {
      readonly kind: 'disabled';
      readonly reason: string;
      readonly appliedRevision: number;
      readonly sinceMs: number;
    };
