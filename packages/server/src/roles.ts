import type { AccountRole } from '@esplanade/desired';
import type { AccessVerb, Principal, Resource, Use } from '@esplanade/ontap';

type Rule = (resource: Pick<Resource<unknown>, 'svmAccess'>, verb: AccessVerb) => boolean;

const reads: Rule = (_, verb) => verb === 'GET';
const ofSvm: Rule = ({ svmAccess = [] }, verb) => svmAccess.includes(verb);

/** What each of ONTAP's built-in roles may use; which records it then sees is the resources' to know. */
const rules: ReadonlyMap<string, Rule> = new Map<AccountRole, Rule>([
  ['admin', () => true],
  ['readonly', reads],
  ['vsadmin', ofSvm],
  ['vsadmin-readonly', (resource, verb) => reads(resource, verb) && ofSvm(resource, verb)],
]);

/** The roles that accounts of the cluster, or of an SVM, may have; the first is what they have unless one is named. */
export const rolesOf = {
  cluster: ['admin', 'readonly'],
  svm: ['vsadmin', 'vsadmin-readonly'],
} as const satisfies Record<string, readonly AccountRole[]>;

/** Whether the principal's role lets it use the verb on the resource at all. A role that nobody knows may do nothing. */
export function mayUse({ role }: Principal, { resource, verb }: Use): boolean {
  const rule = rules.get(role);
  return rule !== undefined && (rule(resource, verb) || resource.ownAccess?.includes(verb) === true);
}
