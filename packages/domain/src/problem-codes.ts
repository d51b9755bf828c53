/**
 * ONTAP's codes for what can be wrong with a policy by itself (error table of POST and PATCH
 * /security/ipsec/policies), and the generic ones used where that table has none.
 */
export const problemCodes = {
  severalProtocols: '66257099',
  severalLocalPorts: '66257100',
  severalRemotePorts: '66257101',
  keyNotHex: '66257107',
  keyNotBase64: '66257109',
  severalLocalSubnets: '66257113',
  severalRemoteSubnets: '66257114',
  portRange: '66257115',
  localAddressWithoutNetmask: '66257125',
  remoteAddressWithoutNetmask: '66257126',
  localZeroSubnet: '66257127',
  malformedWildcard: '66257128',
  wildcardWithoutPort: '66257129',
  espUdpOverIpv6: '66257131',
  portOutOfRange: '66257132',
  pskWithoutKey: '66257133',
  pkiWithoutCertificate: '66257134',
  certificateNotOnSvm: '66257135',
  certificateWithPsk: '66257136',
  keyWithPki: '66257137',
  pkiWithoutRemoteIdentity: '66257138',
  certificateUuidNotFound: '66257139',
  emptySubnet: '66257143',
  protectionWithoutAuthentication: '66257144',
  nameRule: '66257148',
  keyRule: '66257200',
  /** Generic: the text is not a value of the field at all. */
  invalidValue: '262185',
  /** Generic: a value of the field, but not one that can stand here. */
  unusableValue: '262197',
} as const;

export type ProblemCode = (typeof problemCodes)[keyof typeof problemCodes];
