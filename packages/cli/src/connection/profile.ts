import type { ServerTrust } from '@esplanade/sdk/node';

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
  const { url, user, password, trust, clientCertificate } = members(parseJson(text));
  const kept = parseTrust(trust);
  if (typeof url !== 'string' || !URL.canParse(url) || typeof user !== 'string' || kept === undefined)
    return undefined;
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
  if (kind === 'certificate' && typeof fingerprint === 'string') return { kind, fingerprint };
  if (kind === 'authorities' && typeof pem === 'string') return { kind, pem };
  return undefined;
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
