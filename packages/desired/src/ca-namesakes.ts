import {
  areNamesakes,
  type Certificate,
  isSameAuthority,
  isSameScope,
  type PolicyScope,
  problemOf,
  type RevocationList,
  revocationProblemKinds,
} from '@esplanade/domain';
import type { DocumentWrite } from '@esplanade/store';
import { claimDocument } from './documents.ts';
import { keys } from './keys.ts';
import type { DesiredSnapshot } from './model.ts';
import { absent, at, type Held, type Present, refuse, type Step } from './plan.ts';
import { revocationNumberDocument } from './revocation-list-document.ts';
import { revocationRefusals } from './revocation-refusal-kinds.ts';

/**
 * Keeps a CA that an owner trusts or has a revocation list for from being a namesake (`areNamesakes`) of a CA of
 * another owner whose lists the same daemon holds: whoever could make one could put that owner's list out of force.
 *
 * What makes two writers meet is a claim on the name and one on the key identifier, which each of them writes: who is
 * second plans again and finds what the first has written. The claims stay, so that nobody can slip past one that is
 * gone.
 */
export function holdCaNames(present: Present, cas: readonly Certificate[]): Held {
  const others = [...certificatesInUse(present.snapshot), ...cas];
  for (const ca of cas) {
    const isTaken = others.some(
      (other) =>
        !isSameScope(ca.scope, other.scope) &&
        mayShareDaemon(present.snapshot, ca.scope, other.scope) &&
        areNamesakes(ca.content, other.content),
    );
    if (isTaken) return held(refuse(problemOf(revocationRefusals.namesakeElsewhere, 'certificate.uuid', {})));
  }
  const claims = new Map<string, string>();
  for (const { content, uuid } of cas) for (const key of keys.caNames(content)) claims.set(key, uuid);
  return {
    kind: 'held',
    writes: [...claims].map(([key, uuid]): DocumentWrite => {
      const claim = present.records.claim(key);
      return { kind: 'put', key, value: claimDocument.write(uuid), expect: claim ? at(claim) : absent };
    }),
  };
}

/**
 * Keeps one list in force for CAs of an owner that are namesakes, and the numbers of a CA's lists rising, whatever
 * record they came with and also after that is deleted: the daemon goes on with the highest.
 */
export function holdListNumber(present: Present, ca: Certificate, list: RevocationList): Held {
  const { snapshot, records } = present;
  const own = [...snapshot.revocationLists.values()].flatMap(({ value }) => {
    const certificate = snapshot.certificates.get(value.certificateUuid)?.value;
    return value.list !== undefined && certificate !== undefined && isSameScope(ca.scope, certificate.scope)
      ? [{ certificate, list: value.list }]
      : [];
  });
  const namesake = own.find(({ certificate }) => areNamesakes(ca.content, certificate.content));
  if (namesake !== undefined) {
    const { name } = namesake.certificate;
    return held(refuse(problemOf(revocationRefusals.namesakeWithList, 'crl', { name })));
  }
  const key = keys.revocationNumber(ca);
  const remembered = records.revocationNumber(key);
  const highest = [
    ...own.flatMap((one) => (isSameAuthority(ca.content, one.certificate.content) ? [one.list] : [])),
    ...(remembered === undefined ? [] : [remembered.value]),
  ].reduce<Pick<RevocationList, 'number' | 'sha256'> | undefined>(
    (most, one) => (most !== undefined && most.number >= one.number ? most : one),
    undefined,
  );
  if (highest !== undefined && highest.sha256 !== list.sha256 && highest.number >= list.number) {
    const numbers = { number: String(list.number), held: String(highest.number) };
    return held(refuse(problemOf(revocationProblemKinds.notNewer, 'crl', numbers)));
  }
  const expect = remembered === undefined ? absent : at(remembered);
  return {
    kind: 'held',
    writes: [{ kind: 'put', key, value: revocationNumberDocument.write(list), expect }],
  };
}

function held(step: Step): Held {
  return { kind: 'refused', step };
}

/** Certificates of the CAs that are trusted or that a revocation list is kept for. */
function certificatesInUse({
  certificates,
  ipsecCaCertificates,
  revocationLists,
}: DesiredSnapshot): readonly Certificate[] {
  const uuids = new Set([...ipsecCaCertificates.keys(), ...revocationLists.keys()]);
  return [...uuids].flatMap((uuid) => certificates.get(uuid)?.value ?? []);
}

/**
 * Whether one daemon may hold the lists of both: there is one for an IPspace, and what is the cluster's may be in any.
 */
function mayShareDaemon({ svms }: DesiredSnapshot, one: PolicyScope, other: PolicyScope): boolean {
  if (one.kind === 'cluster' || other.kind === 'cluster') return true;
  const [first, second] = [one, other].map(({ svm }) => svms.get(svm.uuid)?.value.ipspace.uuid);
  return first === second;
}
