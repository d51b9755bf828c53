import {
  type AccessLevel,
  type AccountScope,
  type DesiredSnapshot,
  metricsPath,
  type Privilege,
  privilegesOf,
} from '@esplanade/desired';
import type { AccessVerb, Principal, Reach, Resource, Use } from '@esplanade/ontap';
import { elementsOf, fitness, placeOf } from './privilege-path.ts';

/** The verbs that a level of access opens, as ONTAP has it. */
const verbsByAccess: Readonly<Record<AccessLevel, readonly AccessVerb[]>> = {
  none: [],
  readonly: ['GET'],
  read_create: ['GET', 'POST'],
  read_modify: ['GET', 'PATCH'],
  read_create_modify: ['GET', 'POST', 'PATCH'],
  all: ['GET', 'POST', 'PATCH', 'DELETE'],
};

/** What somebody has: a role's privileges, and whether that is within what accounts of an SVM may do at all. */
interface Rights {
  readonly scope: AccountScope;
  readonly privileges: readonly Privilege[];
}

/** The paths of privileges taken apart, as long as these are the same. */
const parsed = new WeakMap<readonly Privilege[], readonly (readonly [readonly string[], AccessLevel])[]>();

/** What privileges say of a place: the longest path that it lies at or below decides, and no path is no access. */
function accessTo(privileges: readonly Privilege[], place: readonly string[]): readonly AccessVerb[] {
  const paths =
    parsed.get(privileges) ?? privileges.map(({ path, access }) => [elementsOf(path), access] as const);
  parsed.set(privileges, paths);
  let best = -1;
  let access: AccessLevel = 'none';
  for (const [path, level] of paths) {
    const fits = fitness(path, place);
    if (fits === undefined || fits <= best) continue;
    best = fits;
    access = level;
  }
  return verbsByAccess[access];
}

/** Accounts of an SVM do what is open to them in a resource, whatever their role says beyond it. */
function isOpenTo(
  scope: AccountScope,
  { svmAccess }: Pick<Resource<unknown>, 'svmAccess'>,
  verb: AccessVerb,
): boolean {
  return scope.kind === 'cluster' || svmAccess?.includes(verb) === true;
}

/** What the principal's role gives it; undefined for a role that is not there (any more): it may do nothing. */
function rightsOf(snapshot: Pick<DesiredSnapshot, 'roles'>, principal: Principal): Rights | undefined {
  const { role, svmUuid, isOfSvm } = principal;
  const scope: AccountScope =
    isOfSvm === true && svmUuid !== undefined ? { kind: 'svm', svm: { uuid: svmUuid } } : { kind: 'cluster' };
  const privileges = privilegesOf(snapshot, scope, role);
  return privileges && { scope, privileges };
}

/** Whether anything is open to the rights at all: without that not even one's own password is. */
function isEmpty({ privileges }: Rights): boolean {
  return privileges.every(({ access }) => access === 'none');
}

/**
 * Of which records the principal's role lets it use a verb of a resource; which are there for it is the resource's to know.
 * Asked of the roles as they are now.
 */
export function reachOf(
  snapshot: Pick<DesiredSnapshot, 'roles'>,
  principal: Principal,
  { resource, verb, within }: Use,
): Reach {
  const rights = rightsOf(snapshot, principal);
  if (rights === undefined) return 'none';
  if (isOpened(rights, { resource, verb, within })) return 'all';
  return resource.ownAccess?.verbs.includes(verb) === true && !isEmpty(rights) ? 'own' : 'none';
}

/** Whether that is all records that are there for it. */
export function isGranted(snapshot: Pick<DesiredSnapshot, 'roles'>, principal: Principal, use: Use): boolean {
  const rights = rightsOf(snapshot, principal);
  return rights !== undefined && isOpened(rights, use);
}

function isOpened({ scope, privileges }: Rights, { resource, verb, within }: Use): boolean {
  return isOpenTo(scope, resource, verb) && accessTo(privileges, placeOf(resource, within)).includes(verb);
}

/** Whether an account may see the counters of the node, and what keeps it from being ready. */
export function maySeeMetrics(
  snapshot: Pick<DesiredSnapshot, 'roles'>,
  { scope, role }: { readonly scope: AccountScope; readonly role: string },
): boolean {
  const privileges = privilegesOf(snapshot, scope, role) ?? [];
  return scope.kind === 'cluster' && accessTo(privileges, elementsOf(metricsPath)).includes('GET');
}

/**
 * Whether the principal may do everything that these rights would let somebody do: who may not would gain by giving them, or by
 * changing who has them. Compared at each place that a resource, or a privilege of either, names.
 */
export function coversRights(
  snapshot: Pick<DesiredSnapshot, 'roles'>,
  principal: Principal,
  others: Rights,
  resources: readonly Resource<unknown>[],
): boolean {
  const own = rightsOf(snapshot, principal);
  if (own === undefined || !isWithin(own.scope, others.scope)) return false;
  const named = [...own.privileges, ...others.privileges].map(({ path }) => elementsOf(path));
  const isCoveredAt = (place: readonly string[], resource?: Resource<unknown>): boolean => {
    const verbs = accessTo(others.privileges, place).filter(
      (verb) => resource === undefined || isOpenTo(others.scope, resource, verb),
    );
    const granted = accessTo(own.privileges, place);
    return verbs.every(
      (verb) => granted.includes(verb) && (resource === undefined || isOpenTo(own.scope, resource, verb)),
    );
  };
  return (
    resources.every((resource) => {
      const place = placeOf(resource);
      const ofKeys = named.filter(
        (path) => path.length === place.length && fitness(place, path) !== undefined,
      );
      return [place, ...ofKeys].every((each) => isCoveredAt(each, resource));
    }) &&
    // What is not open to SVMs is not theirs wherever it lies.
    (others.scope.kind === 'svm' || named.every((place) => isCoveredAt(place)))
  );
}

/** The cluster's accounts may be above those of SVMs, never the other way round. */
function isWithin(own: AccountScope, others: AccountScope): boolean {
  if (own.kind === 'cluster') return true;
  return others.kind === 'svm' && own.svm.uuid === others.svm.uuid;
}
