import type { PolicyWish } from '../support/operator.ts';
import { isByCertificate, type Scenario } from './matrix.ts';

/** What the remotes are called, the first first. */
export const remoteNames = ['peer', 'second'] as const;

/** Who is whom, on both ends. */
export interface Identities {
  readonly wish: Pick<PolicyWish, 'localIdentity' | 'remoteIdentity'>;
  /** As the peer is told: itself, and us. */
  readonly peer: { readonly localIdentity: string; readonly remoteIdentity: string };
}

const domain = 'example.org';

/** A distinguished name that certificates may have. */
export function distinguishedName(name: string): string {
  return `C=CH, O=Example, CN=${name}`;
}

/** A name of a host that certificates may have. */
export function domainName(name: string): string {
  return `${name}.${domain}`;
}

/** A name of somebody that certificates may have. */
export function mailName(name: string): string {
  return `${name}@${domain}`;
}

/** The identities of a scenario between us and the remote at these addresses; `which` of the remotes, from 0. */
export function identitiesOf(
  scenario: Pick<Scenario, 'identity' | 'authentication'>,
  { ours, peer }: { readonly ours: string; readonly peer: string },
  which = 0,
): Identities {
  const name = remoteNames[which] ?? '';
  const both = (localIdentity: string, remoteIdentity: string): Identities => ({
    wish: { localIdentity, remoteIdentity },
    peer: { localIdentity: remoteIdentity, remoteIdentity: localIdentity },
  });
  switch (scenario.identity) {
    case 'none given':
      return { wish: {}, peer: { localIdentity: peer, remoteIdentity: ours } };
    case 'address':
      return both(ours, peer);
    case 'fqdn':
      return both(domainName('ours'), domainName(name));
    case 'e-mail':
      return both(mailName('ours'), mailName(name));
    case 'distinguished name':
      return both(distinguishedName('ours'), distinguishedName(name));
    case 'key id':
      return both('rack:7 unit:1', 'rack:7 unit:2');
    case 'ANYTHING':
      return {
        wish: { remoteIdentity: 'ANYTHING' },
        peer: {
          localIdentity: domainName(name),
          // What we are where nothing is said.
          remoteIdentity: isByCertificate(scenario) ? distinguishedName('ours') : ours,
        },
      };
    case 'pattern of domain names':
      return {
        wish: { localIdentity: domainName('ours'), remoteIdentity: domainName('*') },
        peer: { localIdentity: domainName(name), remoteIdentity: domainName('ours') },
      };
    case 'pattern of distinguished names':
      return {
        wish: { localIdentity: distinguishedName('ours'), remoteIdentity: distinguishedName('*') },
        peer: { localIdentity: distinguishedName(name), remoteIdentity: distinguishedName('ours') },
      };
  }
}
