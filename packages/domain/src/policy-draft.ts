import { formatIdentity } from './identity.ts';
import { formatAddress } from './ip-address.ts';
import type { IpsecPolicy, Lifetimes } from './policy.ts';
import { addressOf, type Prefix } from './prefix.ts';
import { formatPort, formatProtocol } from './protocol.ts';

/** One endpoint as the user wrote it. Absent and empty text are both "not given", except where a rule says otherwise. */
export interface EndpointDraft {
  readonly address?: string;
  /** A prefix length or, for IPv4, a mask. */
  readonly netmask?: string;
  /** One port, or a range of one: `201`, `201-201`; `0` is any. */
  readonly port?: string;
}

/** A certificate as the user named it; at least one of the two is there. */
export interface CertificateDraft {
  readonly name?: string;
  readonly uuid?: string;
}

/** A post-quantum pre-shared key as the user wrote it; one without the other is an error. */
export interface PostquantumKeyDraft {
  readonly identity?: string;
  readonly sharedKey?: string;
}

/** A policy as the user wrote it: nothing parsed yet, defaults not filled in. */
export interface PolicyDraft {
  readonly name?: string;
  readonly action?: string;
  readonly enabled?: boolean;
  readonly localEndpoint?: EndpointDraft;
  readonly remoteEndpoint?: EndpointDraft;
  readonly protocol?: string;
  readonly localIdentity?: string;
  readonly remoteIdentity?: string;
  readonly authenticationMethod?: string;
  readonly secretKey?: string;
  /** `null` takes away the one there is. */
  readonly certificate?: CertificateDraft | null;
  readonly keepsSas?: boolean;
  /** `null` takes away the one there is. */
  readonly postquantumKey?: PostquantumKeyDraft | null;
  readonly cipherSuite?: string;
  readonly lifetimes?: Partial<Lifetimes>;
}

/** What a valid draft says: a policy without what the server adds (uuid, scope, IPspace, age). */
export type PolicyParts = Omit<IpsecPolicy, 'uuid' | 'scope' | 'ipspace' | 'createdRevision'>;

/**
 * The draft that says what a policy says, for a PATCH to write its own fields over. It has no credentials and no
 * authentication method: what stays of them is handed to validation as `current`.
 */
export function draftOf(policy: PolicyParts): PolicyDraft {
  const { selector } = policy;
  return {
    name: policy.name,
    action: policy.action,
    enabled: policy.enabled,
    localEndpoint: endpointDraft(selector.local, selector.localPort),
    remoteEndpoint: endpointDraft(selector.remote, selector.remotePort),
    protocol: formatProtocol(selector.protocol),
    ...(policy.localIdentity && { localIdentity: formatIdentity(policy.localIdentity) }),
    ...(policy.remoteIdentity && { remoteIdentity: formatIdentity(policy.remoteIdentity) }),
    cipherSuite: policy.cipherSuite,
    lifetimes: policy.lifetimes,
  };
}

function endpointDraft(prefix: Prefix, port: number): EndpointDraft {
  return {
    address: formatAddress(addressOf(prefix)),
    netmask: String(prefix.length),
    port: formatPort(port),
  };
}
