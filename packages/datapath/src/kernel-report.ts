/** What was found missing in the kernel and put back, since the driver was opened. */
export interface KernelDifferences {
  /** Traps, bypasses, discards and blocks whose kernel policies were gone or changed. */
  readonly policies: number;
  /** CHILD SAs of which the kernel lacked a half. */
  readonly securityAssociations: number;
}

/** How what should be in the kernel's SPD and SAD compares with what is there. */
export type KernelReport =
  | {
      readonly kind: 'checked';
      /** Epoch milliseconds of the last look. */
      readonly observedAtMs: number;
      /** How much it lacked at that look, of policies and SAs together. */
      readonly missing: number;
      readonly differences: KernelDifferences;
    }
  /** Nobody may look; a sentence says why. */
  | { readonly kind: 'unchecked'; readonly reason: string; readonly differences: KernelDifferences };
