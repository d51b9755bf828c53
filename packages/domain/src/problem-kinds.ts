import { invalid, type Parsed, type Problem } from './problem.ts';

/**
 * One way in which a value can be wrong: ONTAP's code, and a sentence in which `{name}` stands for what is told of the
 * case.
 */
export interface ProblemKind {
  readonly code: string;
  readonly message: string;
  /** First release whose documents have the code, where it is later than what it is about. */
  readonly since?: string;
  /** The code that releases before it have for this, where it is no generic one. */
  readonly before?: string;
  /** First release with the field that it is about, where the code is older than the field. */
  readonly subjectSince?: string;
}

/**
 * What can be wrong with a policy or a packet by itself, with ONTAP's codes for it (error table of POST and PATCH
 * /security/ipsec/policies), and the generic ones where that table has none. Each answers 400. `{value}` is quoted.
 */
export const problemKinds = {
  severalProtocols: {
    code: '66257099',
    message: '{value} is more than one protocol and a policy has one. {advice}',
  },
  severalLocalPorts: {
    code: '66257100',
    message: '{value} names several local ports and a policy has one. {advice}',
  },
  severalRemotePorts: {
    code: '66257101',
    message: '{value} names several remote ports and a policy has one. {advice}',
  },
  keyNotHex: {
    code: '66257107',
    message: 'A pre-shared key that starts with 0x goes on with pairs of hexadecimal digits (0-9, a-f) only.',
  },
  keyNotBase64: {
    code: '66257109',
    message:
      'A pre-shared key that starts with 0s goes on with base64 (A-Z, a-z, 0-9, +, /), padded with = to a multiple of four characters.',
  },
  severalLocalSubnets: {
    code: '66257113',
    message: '{value} is more than one local subnet and a policy has one. {advice}',
  },
  severalRemoteSubnets: {
    code: '66257114',
    message: '{value} is more than one remote subnet and a policy has one. {advice}',
  },
  portRange: {
    code: '66257115',
    message: '{value} is a range of several ports and a policy has one. {advice}',
  },
  localAddressWithoutNetmask: { code: '66257125', message: '{given} is given without {missing}. {advice}' },
  remoteAddressWithoutNetmask: { code: '66257126', message: '{given} is given without {missing}. {advice}' },
  localZeroSubnet: {
    code: '66257127',
    since: '9.16.1',
    message: 'The local subnet cannot be every address. Send an address or subnet of the local side.',
  },
  zeroAddressWithLength: {
    code: '66257128',
    since: '9.16.1',
    message: 'The zero address stands only for any address, not for a subnet of length {length}. {advice}',
  },
  addressWithZeroLength: {
    code: '66257128',
    since: '9.16.1',
    message: 'A netmask of 0 covers every address. {advice}',
  },
  wildcardWithoutPort: {
    code: '66257129',
    since: '9.16.1',
    message:
      'A policy for any remote needs a port, or it would be for all traffic of the local side. Send local_endpoint.port or remote_endpoint.port, or a narrower remote subnet.',
  },
  espUdpOverIpv6: {
    code: '66257131',
    since: '9.16.1',
    message: 'ESP in UDP is for IPv4 only and the endpoints are IPv6. Send action esp_transport.',
  },
  portOutOfRange: { code: '66257132', since: '9.10.1', message: '{value} is outside 0 to {most}. {advice}' },
  pskWithoutKey: {
    code: '66257133',
    since: '9.11.1',
    before: '66257111',
    message: 'Authentication method psk needs a pre-shared key. Send secret_key, 18 to 128 characters.',
  },
  pkiWithoutCertificate: {
    code: '66257134',
    since: '9.11.1',
    before: '262278',
    message:
      'Authentication method pki needs a certificate, and none is given. Send the name or the UUID of one in certificate.',
  },
  certificateNotOnSvm: {
    code: '66257135',
    since: '9.16.1',
    message:
      'There is no certificate {value} in {owner}. GET /api/security/certificates lists those there are.',
  },
  certificateWithPsk: {
    code: '66257136',
    since: '9.16.1',
    message: 'A policy with a pre-shared key takes no certificate. Leave certificate out.',
  },
  keyWithPki: {
    code: '66257137',
    since: '9.11.1',
    message: 'A policy with authentication method pki takes no pre-shared key. {advice}',
  },
  pkiWithoutRemoteIdentity: {
    code: '66257138',
    since: '9.16.1',
    before: '262278',
    message:
      "A certificate is verified against an identity. Send remote_identity, the identity in the peer's certificate.",
  },
  certificateUuidNotFound: {
    code: '66257139',
    since: '9.10.1',
    message:
      'There is no certificate with UUID {value} in {owner}. GET /api/security/certificates lists those there are.',
  },
  certificateType: {
    code: '66257140',
    since: '9.10.1',
    message:
      'Certificate {value} is of type {type}, and a policy shows one of type client or server. Name one of those.',
  },
  certificatesDisagree: {
    code: '66257305',
    since: '9.16.1',
    message:
      'certificate.name {name} and certificate.uuid {uuid} are not the same certificate. Send one of them.',
  },
  emptySubnet: {
    code: '66257143',
    since: '9.16.1',
    before: '262278',
    message: 'The {side} subnet is empty. Send {side}_endpoint.address and {side}_endpoint.netmask.',
  },
  protectionWithoutAuthentication: {
    code: '66257144',
    since: '9.16.1',
    before: '66257111',
    message: 'Action {action} protects packets and needs a key or a certificate to do it. {advice}',
  },
  nameRule: {
    code: '66257148',
    since: '9.16.1',
    message: '{what}. Send 1 to 64 printable ASCII characters, without a space at the start or end.',
  },
  postquantumIdentityAlone: {
    code: '66257153',
    since: '9.17.1',
    message: 'ppk.identity is given without ppk.shared_key. Send both, or ppk null for none.',
  },
  postquantumKeyAlone: {
    code: '66257154',
    since: '9.17.1',
    message: 'ppk.shared_key is given without ppk.identity. Send both, or ppk null for none.',
  },
  keyRule: {
    code: '66257200',
    since: '9.16.1',
    message:
      'A pre-shared key has {least} to {most} printable ASCII characters, counting a 0x or 0s prefix. For other bytes send them as 0x and hexadecimal digits, or as 0s and base64.',
  },
  /** The text is not a value of the field at all. */
  invalidValue: { code: '262185', message: '{value} is not {expected}. {advice}' },
  missingValue: { code: '262185', message: '{field} is missing. {advice}' },
  anythingAsLocalIdentity: {
    code: '262185',
    subjectSince: '9.9.1',
    message:
      'ANYTHING accepts any remote and cannot be our own identity. Send an address, a name or a distinguished name, or leave local_identity out.',
  },
  identityLength: {
    code: '262185',
    subjectSince: '9.9.1',
    message:
      'An identity has 1 to {most} bytes; this one has {bytes}. Leave the field out for the address itself.',
  },
  identityForm: { code: '262185', subjectSince: '9.9.1', message: '{value} {why}' },
  /** Fields that cannot stand together, where NetApp has no code of its own for it. */
  keepsSasWithoutPki: {
    code: '262186',
    subjectSince: '9.18.1',
    message:
      'certificate_modify_keepsa is about a change of certificate, and a policy with a pre-shared key has none. Leave it out.',
  },
  postquantumKeyWithPki: {
    code: '262186',
    subjectSince: '9.17.1',
    message:
      'A post-quantum pre-shared key goes with authentication method psk, and this policy has pki. Leave ppk out.',
  },
  /** A value of the field, but not one that can stand here. */
  unusableValue: { code: '262197', message: '{why}. {advice}' },
} as const satisfies Record<string, ProblemKind>;

type NameIn<Message extends string> = Message extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NameIn<Rest>
  : never;

/** What the sentence of a kind needs to be complete. */
export type ProblemValues<Kind extends ProblemKind> = Readonly<Record<NameIn<Kind['message']>, string>>;

/** The problem of that kind with the field `target`, its sentence completed with `values`. */
export function problemOf<Kind extends ProblemKind>(
  kind: Kind,
  target: string,
  values: ProblemValues<Kind>,
): Problem {
  const given = new Map<string, string>(Object.entries(values));
  const message = kind.message.replace(/\{(\w+)\}/g, (_, name: string) => given.get(name) ?? '');
  return { code: kind.code, target, message, wording: { template: kind.message, values } };
}

/** A parse that failed for one problem of that kind. */
export function refusal<Kind extends ProblemKind>(
  kind: Kind,
  target: string,
  values: ProblemValues<Kind>,
): Parsed<never> {
  return invalid(problemOf(kind, target, values));
}
