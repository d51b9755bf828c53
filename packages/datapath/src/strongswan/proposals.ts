import type { CipherSuite } from '@esplanade/domain';

/** The algorithms of a cipher suite in charon's proposal language. */
export interface SuiteProposals {
  readonly ike: string;
  readonly esp: string;
}

/**
 * ONTAP's suites: Suite B as RFC 6379 has them (GCM-256 confirmed against ONTAP's own peers), and SUITE_AESCBC.
 * No DH group for ESP: peers that demand none would refuse one at the first rekey.
 */
export const suiteProposals: Readonly<Record<CipherSuite, SuiteProposals>> = {
  suite_aescbc: { ike: 'aes256-sha512-modp4096', esp: 'aes256-sha512' },
  suiteb_gcm256: { ike: 'aes256-sha384-ecp384', esp: 'aes256gcm16' },
  suiteb_gmac256: { ike: 'aes256-sha384-ecp384', esp: 'aes256gmac' },
};

/** The algorithms charon reports for an SA, in its own words; absent where it names none. */
export interface ReportedAlgorithms {
  readonly encryption: string | undefined;
  readonly keyBits: string | undefined;
  readonly integrity: string | undefined;
  readonly group: string | undefined;
}

/** The suites an IKE SA may belong to: two share their IKE algorithms. */
export function suitesOfIkeSa(reported: ReportedAlgorithms): readonly CipherSuite[] {
  if (reported.encryption !== 'AES_CBC' || reported.keyBits !== '256') return [];
  if (reported.integrity === 'HMAC_SHA2_512_256' && reported.group === 'MODP_4096') return ['suite_aescbc'];
  if (reported.integrity === 'HMAC_SHA2_384_192' && reported.group === 'ECP_384') {
    return ['suiteb_gcm256', 'suiteb_gmac256'];
  }
  return [];
}

/** The suite a CHILD SA belongs to. A group from a rekey with perfect forward secrecy makes no difference. */
export function suiteOfChildSa(reported: ReportedAlgorithms): CipherSuite | undefined {
  if (reported.keyBits !== '256') return undefined;
  if (reported.encryption === 'AES_GCM_16') return 'suiteb_gcm256';
  if (reported.encryption === 'NULL_AES_GMAC') return 'suiteb_gmac256';
  if (reported.encryption === 'AES_CBC' && reported.integrity === 'HMAC_SHA2_512_256') return 'suite_aescbc';
  return undefined;
}
