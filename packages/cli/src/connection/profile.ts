import { parseFingerprint, type ServerTrust } from '@esplanade/sdk/node';
import { CommandError } from '../exit-status.ts';
import { parseServerUrl, urlText } from './server-url.ts';

/** What `esplanade login` keeps: which server, how to tell that it is the right one, and who asks. */
export interface Profile {
  readonly url: string;
  readonly user: string;
  /** Only if whoever logged in agreed that it is kept. */
  readonly password?: string;
  readonly trust: KeptTrust;
  /** Files, with their whole paths. With them the password is of no use. */
  readonly clientCertificate?: { readonly certificate: string; readonly privateKey: string };
}

/** That a server is believed unseen is not kept. */
export type KeptTrust = Exclude<ServerTrust, { readonly kind: 'anyone' }>;

/** Reads what {@link formatProfile} wrote; undefined when it is something else. */
export function parseProfile(text: string): Profile | undefined {
  const { url: written, user, password, trust, clientCertificate } = members(parseJson(text));
  const url = parseUrl(written);
  const kept = parseTrust(trust);
  if (url === undefined || typeof user !== 'string' || kept === undefined) return undefined;
  if (password !== undefined && typeof password !== 'string') return undefined;
  const { certificate, privateKey } = members(clientCertificate);
  const hasFiles = typeof certificate === 'string' && typeof privateKey === 'string';
  if (clientCertificate !== undefined && !hasFiles) return undefined;
  return {
    url,
    user,
    ...(password !== undefined && { password }),
    trust: kept,
    ...(hasFiles && { clientCertificate: { certificate, privateKey } }),
  };
}

/** As it stands in its file. */
export function formatProfile(profile: Profile): string {
  return `${JSON.stringify(profile, undefined, 2)}\n`;
}

function parseTrust(value: unknown): KeptTrust | undefined {
  const { kind, fingerprint, pem } = members(value);
  if (kind === 'system') return { kind };
  if (kind === 'certificate' && typeof fingerprint === 'string') {
    const parsed = parseFingerprint(fingerprint);
    return parsed === undefined ? undefined : { kind, fingerprint: parsed };
  }
  if (kind === 'authorities' && typeof pem === 'string' && areCertificates(pem)) return { kind, pem };
  return undefined;
}

function parseUrl(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    return urlText(parseServerUrl(value, 'url'));
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}

/** Whether a text holds certificates in PEM, one or several, and no PEM of anything else. */
export function areCertificates(text: string): boolean {
  const parts = text.split(/(?=-----BEGIN )/).filter((part) => part.startsWith('-----BEGIN '));
  return parts.length > 0 && parts.every(isCertificate);
}

function isCertificate(pem: string): boolean {
  const { X509Certificate } = process.getBuiltinModule('node:crypto');
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}

function members(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
