import type { Certificate, PkiCredentials, RevocationList } from '@esplanade/domain';
import type { Charon, HeldCredentials } from './charon.ts';
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

  /** As charon was last asked, also while it does not answer. */
  #lastHeld: HeldCredentials | undefined;

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
    await this.#loadLists(trust.revocationLists, signal);
    const held = await this.#main.credentials(signal);
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

  /** Charon says yes to every list, and keeps what it holds of the CA if that is newer: only a listing tells. */
  async #loadLists(lists: readonly RevocationList[], signal: AbortSignal | undefined): Promise<void> {
    this.#lastHeld = await this.#main.credentials(signal);
    const missing = this.#unheldOf(lists, this.#lastHeld);
    if (missing.length === 0) return;
    for (const list of missing) await this.#main.loadRevocationList(list, signal);
    this.#main.forgetCredentials();
    this.#lastHeld = await this.#main.credentials(signal);
  }

  /**
   * Lists of forms that charon does not hold, as last listed, and in whose place it holds no newer one of the same CA
   * that any form wants: what they revoke is not refused.
   */
  unheldLists(): ReadonlySet<string> {
    const held = this.#lastHeld;
    const unheld = held === undefined ? [] : this.#unheldOf(this.#wantedLists(), held);
    return new Set(unheld.map(({ sha256 }) => sha256));
  }

  #unheldOf(lists: readonly RevocationList[], held: HeldCredentials): readonly RevocationList[] {
    const missing = lists.filter(({ sha256 }) => !held.certificates.has(sha256));
    if (missing.length === 0) return [];
    const inForce = this.#wantedLists().filter(({ sha256 }) => held.certificates.has(sha256));
    return missing.filter(
      (list) => !inForce.some((one) => one.issuer === list.issuer && one.number >= list.number),
    );
  }

  /** Policies of one owner share what they trust, so that it is looked at once. */
  #wantedLists(): readonly RevocationList[] {
    const trusts = new Set([...this.#ofForm.values()].map(({ trust }) => trust));
    return [...trusts].flatMap(({ revocationLists }) => revocationLists);
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
    if (this.#ofForm.size > 0) this.#lastHeld = await this.#main.credentials(signal);
  }
}

/** Charon calls a private key by the digest of its public half. */
function keyIdOf(certificate: Certificate): string {
  return certificate.content.publicKeyIdentifier;
}
