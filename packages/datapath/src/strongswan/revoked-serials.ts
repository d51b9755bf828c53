import { createHash } from 'node:crypto';
import { newlyRevoked, type RevocationList } from '@esplanade/domain';

/** What is kept of a revocation list: whose it is, which it is, and what it revokes. */
type KnownList = Pick<RevocationList, 'issuer' | 'sha256' | 'revoked'>;

/** The revocation lists of a policy. */
export interface KnownLists {
  /** Of which lists they are, in any order: equal for the same lists alone. */
  readonly digest: string;
  readonly lists: readonly KnownList[];
}

/** What is kept of lists: not their DER. */
export function knownLists(lists: readonly KnownList[]): KnownLists {
  const names = lists.map(({ sha256 }) => sha256).sort();
  return {
    digest: createHash('sha256').update(names.join()).digest('hex'),
    lists: lists.map(({ issuer, sha256, revoked }) => ({ issuer, sha256, revoked })),
  };
}

/** Whether lists revoke a certificate that no former list of the same CA did. A CA may have several. */
export function revokesMore({ lists }: KnownLists, before: KnownLists | undefined): boolean {
  return lists.some((list) => {
    const former = before?.lists.filter(({ issuer }) => issuer === list.issuer) ?? [];
    if (former.some(({ sha256 }) => sha256 === list.sha256)) return false;
    const revoked = former.reduce((all, one) => all.union(one.revoked), new Set<string>());
    return newlyRevoked(list, { revoked }).size > 0;
  });
}
