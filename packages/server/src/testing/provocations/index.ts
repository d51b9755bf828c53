import { accountProvocations } from './account.ts';
import { auditProvocations } from './audit.ts';
import { certificateProvocations } from './certificate.ts';
import { faultProvocations } from './fault.ts';
import { genericProvocations } from './generic.ts';
import { ipsecProvocations } from './ipsec.ts';
import { policyProvocations } from './policy.ts';
import type { Provocation } from './provocation.ts';
import { revocationProvocations } from './revocation.ts';
import { roleProvocations } from './role.ts';
import { simulatorProvocations } from './simulator.ts';

export { otherwiseProvocations } from './otherwise.ts';
export type { Provocation } from './provocation.ts';
export { type WireProvocation, wireProvocations } from './wire.ts';

/** For each entry of the error catalogue that can occur, by its id: requests that are answered with it. */
export const provocations: Readonly<Record<string, readonly Provocation[]>> = {
  ...genericProvocations,
  ...policyProvocations,
  ...ipsecProvocations,
  ...certificateProvocations,
  ...accountProvocations,
  ...auditProvocations,
  ...revocationProvocations,
  ...roleProvocations,
  ...simulatorProvocations,
  ...faultProvocations,
};
