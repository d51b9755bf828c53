import type { Certificate, PkiCredentials, RevocationList } from '@esplanade/domain';
import type { Charon } from './charon.ts';
import type { CompiledEntry } from './connection-mapping.ts';

/**
 * Certificates, private keys and revocation lists that forms want loaded. Charon keeps all of them in one store, whoever
 * they are for; which of them count for a policy its connection says. Only keys can be taken out again one by one.
 */
export class Certificates {
  readonly #main: Charon;
  readonly #ofForm = new Map<string, PkiCredentials>();
  /** Forms by the key that they prove themselves with. Never holds an empty set. */
  readonly #formsOfKey = new Map<string, Set<string>>();

  /** The revocation list of each CA that we were the first to load. */
  readonly #loadedLists = new Map<string, string>();

  constructor(main: Charon) {
    this.#main = main;
  }

  /** Takes note of what a form needs, instead of what it needed before. */
  note({ childName, negotiation }: CompiledEntry): void {
    this.forget(childName);
    const credentials = negotiation?.credentials;
    if (credentials === undefined) return;
    this.#ofForm.set(childName, credentials);
    const keyId = keyIdOf(credentials.certificate);
    const forms = this.#formsOfKey.get(keyId) ?? new Set<string>();
    this.#formsOfKey.set(keyId, forms.add(childName));
  }

  /** The form is gone. The key that it had, if nobody else has it: it is to be unloaded. */
  forget(childName: string): string | undefined {
    const credentials = this.#ofForm.get(childName);
    if (credentials === undefined) return undefined;
    this.#ofForm.delete(childName);
    const keyId = keyIdOf(credentials.certificate);
    const forms = this.#formsOfKey.get(keyId);
    forms?.delete(childName);
    if (forms?.size !== 0) return undefined;
    this.#formsOfKey.delete(keyId);
    return keyId;
  }

  /** Loads what charon lacks of what a form needs, the key last: with it the form can be proved. */
  async load({ certificate, trust }: PkiCredentials, signal?: AbortSignal): Promise<void> {
    const held = await this.#main.credentials(signal);
    for (const list of trust.revocationLists) {
      if (held.certificates.has(list.sha256)) continue;
      await this.#main.loadRevocationList(list, signal);
      this.#loadedLists.set(list.issuer, list.sha256);
    }
    const certificates = [
      ...trust.anchors.map((anchor) => ({ ...anchor, flag: 'CA' as const })),
      ...[...certificate.intermediates, certificate.content].map((one) => ({
        ...one,
        flag: 'NONE' as const,
      })),
    ];
    for (const one of certificates) {
      if (!held.certificates.has(one.sha256)) await this.#main.loadCertificate(one, signal);
    }
    const { privateKey } = certificate;
    if (privateKey === undefined || held.keys.has(keyIdOf(certificate))) return;
    await this.#main.loadPrivateKey(keyIdOf(certificate), privateKey, signal);
  }

  /** Whether charon had not had the list until we loaded it, so that its SAs came up without it. */
  isNews({ issuer, sha256 }: RevocationList): boolean {
    return this.#loadedLists.get(issuer) === sha256;
  }

  /** Unloads a key, unless somebody has begun to want it meanwhile. */
  async prune(keyId: string, signal?: AbortSignal): Promise<void> {
    if (!this.#formsOfKey.has(keyId)) await this.#main.unloadPrivateKey(keyId, signal);
  }

  /** Whether nobody has taken anything away of what a form needs, as last listed. */
  areLoaded({ certificate, trust }: PkiCredentials): boolean {
    const held = this.#main.lastCredentials;
    if (held === undefined) return true;
    const certificates = [...trust.anchors, ...certificate.intermediates, certificate.content];
    return (
      certificates.every(({ sha256 }) => held.certificates.has(sha256)) && held.keys.has(keyIdOf(certificate))
    );
  }

  /** Lists what charon holds, if any form needs it. */
  async survey(signal?: AbortSignal): Promise<void> {
    this.#main.forgetCredentials();
    if (this.#ofForm.size > 0) await this.#main.credentials(signal);
  }
}

/** Charon calls a private key by the digest of its public half. */
function keyIdOf(certificate: Certificate): string {
  return certificate.content.publicKeyIdentifier;
}
