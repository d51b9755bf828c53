import type { IpsecPolicy } from './policy.ts';

/**
 * A policy with its place in the SPD (RFC 4301 4.4.1). `priority` is a pure function of the selector (docs/decisions);
 * lower numbers decide first, as in the kernel.
 */
export interface SpdEntry {
  readonly policy: IpsecPolicy;
  readonly priority: number;
}
