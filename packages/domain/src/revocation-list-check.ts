import { verify, X509Certificate } from 'node:crypto';
import { authorityKeyIdentifierOf } from './certificate-authority.ts';
import { derChildren, derElements, derTags } from './der.ts';
import { isOpensslError } from './openssl-error.ts';
import { pemBlocks } from './pem.ts';
import { invalid, type Parsed, type Problem, valid } from './problem.ts';
import { problemOf, refusal } from './problem-kinds.ts';
import type { PublicCertificate } from './public-certificate.ts';
import {
  issuerDigest,
  type ReadRevocationList,
  type RevocationList,
  readRevocationList,
} from './revocation-list.ts';
import { revocationProblemKinds as kinds } from './revocation-problem-kinds.ts';

/** What a revocation list is held against. */
export interface RevocationListContext {
  readonly ca: PublicCertificate;
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** The list that is to be replaced. */
  readonly before?: RevocationList;
}

/** What strongSwan's control protocol takes in one value: some 1,700 revoked certificates. */
export const mostRevocationListBytes = 65_535;

/** How far the clock of a CA may be ahead of ours. */
const clockSkewMs = 300_000;

const target = 'crl';

/**
 * Reads a list as a user sends it, PEM or base64 of DER, and checks it. All problems at once; nothing of it is quoted.
 */
export function parseRevocationList(text: string, context: RevocationListContext): Parsed<RevocationList> {
  const trimmed = text.trim();
  if (!trimmed.startsWith('-----') && /^[A-Za-z0-9+/\s]+={0,2}$/.test(trimmed))
    return checkRevocationList(new Uint8Array(Buffer.from(trimmed, 'base64')), context);
  return checkRevocationList(new Uint8Array(Buffer.from(text, 'utf8')), context);
}

/**
 * Checks a list in DER or PEM: that the CA has signed it, that it covers now and all there is, and is newer than
 * before.
 */
export function checkRevocationList(
  bytes: Uint8Array,
  { ca, nowMs, before }: RevocationListContext,
): Parsed<RevocationList> {
  const der = derOf(bytes);
  if (der === 'several') return refusal(kinds.severalBlocks, target, {});
  if (der === undefined) return refusal(kinds.unreadable, target, {});
  if (der.length > mostRevocationListBytes) {
    const sizes = { bytes: String(der.length), most: String(mostRevocationListBytes) };
    return refusal(kinds.tooLarge, target, sizes);
  }
  const read = readRevocationList(der);
  if (read === undefined) return refusal(kinds.unreadable, target, {});
  const unsigned = signatureProblem(read, ca);
  // What somebody else has signed says nothing that would be worth telling.
  if (unsigned !== undefined) return invalid(unsigned);
  const { number, nextUpdateMs } = read;
  const problems: Problem[] = [];
  const unusable = (why: string): void => {
    problems.push(problemOf(kinds.unusable, target, { why }));
  };
  if (read.isDelta) unusable('is a delta: it holds only what has changed since another one');
  if (read.isPartial)
    unusable('has an issuing distribution point: it covers only some certificates or reasons');
  if (read.hasUnknownCritical) unusable('has a critical extension that is not known here');
  const keyIdentifier = authorityKeyIdentifierOf(ca);
  if (read.authorityKeyIdentifiers.some((identifier) => identifier !== keyIdentifier))
    unusable(
      "names another key than this CA's (its authority key identifier is not that of the certificate)",
    );
  if (number === undefined) unusable('has no CRL number');
  if (nextUpdateMs === undefined) unusable('does not say when the next one comes');
  if (read.thisUpdateMs > nowMs + clockSkewMs)
    problems.push(problemOf(kinds.notYetValid, target, { date: isoDate(read.thisUpdateMs) }));
  if (nextUpdateMs !== undefined && nextUpdateMs <= nowMs)
    problems.push(problemOf(kinds.outdated, target, { date: isoDate(nextUpdateMs) }));
  if (number !== undefined && before !== undefined && !isNewer(read.sha256, number, before))
    problems.push(problemOf(kinds.notNewer, target, { number: String(number), held: String(before.number) }));
  if (problems.length > 0 || number === undefined || nextUpdateMs === undefined) return invalid(...problems);
  const { issuer, sha256, thisUpdateMs, revoked } = read;
  return valid({ der, issuer, sha256, number, thisUpdateMs, nextUpdateMs, revoked });
}

/** The very same list again is no step back. */
function isNewer(sha256: string, number: bigint, before: RevocationList): boolean {
  return sha256 === before.sha256 || number > before.number;
}

/** The DER of a text in PEM, or what was no text; `several` where a list has something beside it. */
function derOf(bytes: Uint8Array): Uint8Array | 'several' | undefined {
  if (bytes[0] === derTags.sequence) return bytes;
  const blocks = pemBlocks(Buffer.from(bytes).toString('latin1'));
  const block = blocks.find(({ label }) => label === 'X509 CRL');
  if (block === undefined) return undefined;
  if (blocks.length > 1) return 'several';
  const base64 = block.text.split('\n').slice(1, -2).join('');
  return new Uint8Array(Buffer.from(base64, 'base64'));
}

interface SignatureScheme {
  readonly keys: readonly string[];
  readonly hash: 'sha256' | 'sha384' | 'sha512' | null;
}

/**
 * By the hex digits of the algorithm's object identifier (RFC 4055, 5758, 8410). What can be forged is not among them.
 */
const schemes: ReadonlyMap<string, SignatureScheme> = new Map([
  ['2a864886f70d01010b', { keys: ['rsa'], hash: 'sha256' }],
  ['2a864886f70d01010c', { keys: ['rsa'], hash: 'sha384' }],
  ['2a864886f70d01010d', { keys: ['rsa'], hash: 'sha512' }],
  ['2a8648ce3d040302', { keys: ['ec'], hash: 'sha256' }],
  ['2a8648ce3d040303', { keys: ['ec'], hash: 'sha384' }],
  ['2a8648ce3d040304', { keys: ['ec'], hash: 'sha512' }],
  ['2b6570', { keys: ['ed25519'], hash: null }],
  ['2b6571', { keys: ['ed448'], hash: null }],
]);

function signatureProblem(read: ReadRevocationList, ca: PublicCertificate): Problem | undefined {
  const x509 = new X509Certificate(ca.pem);
  const { subject, maySignLists } = readCa(x509.raw);
  const [inner, outer] = read.algorithms;
  const scheme = schemes.get(algorithmId(outer));
  if (Buffer.compare(inner, outer) !== 0 || scheme === undefined)
    return problemOf(kinds.unsupportedSignature, target, {});
  if (Buffer.compare(read.issuerName, subject) !== 0) return problemOf(kinds.notOfCa, target, {});
  if (!maySignLists) return problemOf(kinds.caMayNotSign, target, {});
  const { publicKey } = x509;
  const isKey = scheme.keys.includes(publicKey.asymmetricKeyType ?? '');
  const isSigned = isKey && isSignedWith(() => verify(scheme.hash, read.signed, publicKey, read.signature));
  return isSigned ? undefined : problemOf(kinds.notOfCa, target, {});
}

/** A signature that has not even the form of one is none. */
function isSignedWith(check: () => boolean): boolean {
  try {
    return check();
  } catch (error) {
    if (isOpensslError(error)) return false;
    throw error;
  }
}

function algorithmId(algorithm: Uint8Array): string {
  const [sequence] = derElements(algorithm) ?? [];
  return Buffer.from(derChildren(sequence)[0]?.contents ?? []).toString('hex');
}

/** What `issuer` of a list of this CA may be: with the identifier of its key, or without any. */
export function listIssuersOf(ca: PublicCertificate): readonly string[] {
  const { subject } = readCa(new X509Certificate(ca.pem).raw);
  const keyIdentifier = Buffer.from(authorityKeyIdentifierOf(ca).replaceAll(':', ''), 'hex');
  return [issuerDigest(subject, keyIdentifier), issuerDigest(subject)];
}

/** The CA's own name, and whether its key usage, where it has one, allows cRLSign (RFC 5280 4.2.1.3, 6.3.3 f). */
function readCa(der: Uint8Array): { readonly subject: Uint8Array; readonly maySignLists: boolean } {
  const [certificate] = derElements(der) ?? [];
  const fields = derChildren(derChildren(certificate)[0]);
  const hasVersion = fields[0]?.tag === derTags.constructedContext(0);
  const subject = fields[hasVersion ? 5 : 4]?.whole ?? new Uint8Array();
  const [list] = derChildren(fields.find(({ tag }) => tag === derTags.constructedContext(3)));
  for (const extension of derChildren(list)) {
    const parts = derChildren(extension);
    if (Buffer.from(parts[0]?.contents ?? []).toString('hex') !== keyUsageId) continue;
    const value = parts.find(({ tag }) => tag === derTags.octetString);
    const [bits] = (value && derElements(value.contents)) ?? [];
    return { subject, maySignLists: ((bits?.contents[1] ?? 0) & cRlSignBit) !== 0 };
  }
  return { subject, maySignLists: true };
}

/** 2.5.29.15, and its bit 6 counted from the highest. */
const keyUsageId = '551d0f';
const cRlSignBit = 0x02;

function isoDate(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
