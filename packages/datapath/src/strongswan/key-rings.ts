import type { Secret } from '@esplanade/domain';
import type { Charon } from './charon.ts';
import type { CompiledEntry } from './connection-mapping.ts';
import { type NamedSecret, parseSecretName, secretName } from './names.ts';
import type { KeyRing } from './proof-mapping.ts';

/** A key of a ring, and how many forms have it as their own or accept it beside their own. */
interface WantedKey {
  readonly psk: Secret;
  own: number;
  replaced: number;
}

interface WantedRing {
  readonly ring: KeyRing;
  readonly keys: Map<string, WantedKey>;
  readonly forms: Map<string, CompiledEntry>;
}

/**
 * The pre-shared keys that forms want loaded, by pair of identities, because that is all charon finds keys by. Charon
 * accepts every key of a ring from the remote and itself proves the one that was loaded last.
 */
export class KeyRings {
  readonly #main: Charon;
  readonly #rings = new Map<string, WantedRing>();
  readonly #ringOfForm = new Map<string, KeyRing>();

  constructor(main: Charon) {
    this.#main = main;
  }

  /** Takes note of the keys of a form, instead of those it had before. */
  note(form: CompiledEntry): void {
    this.forget(form.childName);
    const ring = form.negotiation?.ring;
    if (ring === undefined) return;
    const wanted = this.#rings.get(ring.name) ?? { ring, keys: new Map(), forms: new Map() };
    this.#rings.set(ring.name, wanted);
    this.#ringOfForm.set(form.childName, ring);
    wanted.forms.set(form.childName, form);
    ring.keys.forEach((psk, index) => {
      const key = wanted.keys.get(psk.fingerprint) ?? { psk, own: 0, replaced: 0 };
      wanted.keys.set(psk.fingerprint, key);
      if (index === 0) key.own += 1;
      else key.replaced += 1;
    });
  }

  /** The form is gone. */
  forget(childName: string): void {
    const ring = this.#ringOfForm.get(childName);
    const wanted = ring === undefined ? undefined : this.#rings.get(ring.name);
    if (ring === undefined || wanted === undefined) return;
    this.#ringOfForm.delete(childName);
    wanted.forms.delete(childName);
    ring.keys.forEach(({ fingerprint }, index) => {
      const key = wanted.keys.get(fingerprint);
      if (key === undefined) return;
      if (index === 0) key.own -= 1;
      else key.replaced -= 1;
      if (key.own + key.replaced === 0) wanted.keys.delete(fingerprint);
    });
    if (wanted.forms.size === 0) this.#rings.delete(ring.name);
  }

  /** The ring of a form, if it has one. */
  ringOf(childName: string): string | undefined {
    return this.#ringOfForm.get(childName)?.name;
  }

  /** The connections whose forms use the ring. */
  connectionsOf(ringName: string): ReadonlySet<string> {
    const forms = this.#rings.get(ringName)?.forms.values() ?? [];
    return new Set([...forms].map(({ connection }) => connection.name));
  }

  /**
   * The key that a ring is to move to, while others are accepted beside it: somebody's own, and replaced by nobody.
   * Undefined when there is nothing to move, or no telling where to.
   */
  targetOf(ringName: string): Secret | undefined {
    const keys = [...(this.#rings.get(ringName)?.keys.values() ?? [])];
    const [target, ...more] = keys.filter(({ replaced }) => replaced === 0);
    return keys.length > 1 && more.length === 0 ? target?.psk : undefined;
  }

  /**
   * Loads what charon lacks of a ring. The key that it proves stays the first, as long as it is accepted: whether the
   * remote knows another already is found out later. True when all keys it had are over, so that what they proved is too,
   * and that has not been seen to yet, be it by whoever loaded them before us.
   */
  async load(ringName: string, signal?: AbortSignal): Promise<boolean> {
    const wanted = this.#rings.get(ringName);
    if (wanted === undefined) return false;
    const loaded = await this.#loaded(ringName, signal);
    const keys = [...wanted.keys.values()].sort((a, b) => a.replaced - b.replaced).map(({ psk }) => psk);
    const inCharon = (psk: Secret): NamedSecret | undefined =>
      loaded.find(({ fingerprint }) => fingerprint === psk.fingerprint);
    const missing = keys.filter((psk) => inCharon(psk) === undefined);
    const mark = loaded.length > 0 && missing.length === keys.length ? 'replacing' : undefined;
    for (const psk of missing.toReversed()) await this.#main.loadSecret(wanted.ring, psk, mark, signal);
    const [first] = loaded;
    const proven = keys.find(({ fingerprint }) => fingerprint === first?.fingerprint);
    if (missing.length > 0 && proven !== undefined) {
      await this.#main.loadSecret(wanted.ring, proven, first?.mark, signal);
    }
    return mark === 'replacing' || keys.some((psk) => inCharon(psk)?.mark === 'replacing');
  }

  /** What the former keys had proved is gone: no later start has to see to it. */
  async replaced(ringName: string, signal?: AbortSignal): Promise<void> {
    for (const { fingerprint, mark } of await this.#loaded(ringName, signal)) {
      const wanted = this.#rings.get(ringName);
      const psk = wanted?.keys.get(fingerprint)?.psk;
      if (mark !== 'replacing' || wanted === undefined || psk === undefined) continue;
      await this.#main.loadSecret(wanted.ring, psk, undefined, signal);
    }
  }

  /** Lets charon prove this key from now on, if it is still wanted. */
  async prove(ringName: string, psk: Secret, signal?: AbortSignal): Promise<void> {
    const wanted = this.#rings.get(ringName);
    const [first] = await this.#loaded(ringName, signal);
    if (wanted?.keys.has(psk.fingerprint) !== true || first?.fingerprint === psk.fingerprint) return;
    await this.#main.loadSecret(wanted.ring, psk, undefined, signal);
  }

  /** Notes in charon that all IKE SAs of the ring came up with this key, if it is still the one that is proved. */
  async noteMoved(ringName: string, psk: Secret, signal?: AbortSignal): Promise<void> {
    const wanted = this.#rings.get(ringName);
    const [first] = await this.#loaded(ringName, signal);
    if (wanted?.keys.has(psk.fingerprint) !== true || first?.fingerprint !== psk.fingerprint) return;
    await this.#main.loadSecret(wanted.ring, psk, 'moved', signal);
  }

  /** Whether all IKE SAs of the ring came up with this key, as was noted, by whoever ran before us too. */
  async isMoved(ringName: string, psk: Secret, signal?: AbortSignal): Promise<boolean> {
    const [first] = await this.#loaded(ringName, signal);
    return first?.fingerprint === psk.fingerprint && first.mark === 'moved';
  }

  /** The key that charon proves now, if it is one that is wanted. */
  async proven(ringName: string, signal?: AbortSignal): Promise<Secret | undefined> {
    const [first] = await this.#loaded(ringName, signal);
    return this.#wanted(ringName, first);
  }

  /** Lets charon prove the key that it has not proved for longest. */
  async proveAnother(ringName: string, signal?: AbortSignal): Promise<void> {
    const psk = this.#wanted(ringName, (await this.#loaded(ringName, signal)).at(-1));
    if (psk !== undefined) await this.prove(ringName, psk, signal);
  }

  /** Unloads the keys of a ring that nobody accepts any more. */
  async prune(ringName: string, signal?: AbortSignal): Promise<void> {
    for (const secret of await this.#loaded(ringName, signal)) {
      if (this.#wanted(ringName, secret) !== undefined) continue;
      await this.#main.unloadSecret(secretName(ringName, secret.fingerprint, secret.mark), signal);
    }
  }

  /** The keys of a ring that charon holds, the one that it proves first. */
  async #loaded(ringName: string, signal: AbortSignal | undefined): Promise<readonly NamedSecret[]> {
    const holdings = await this.#main.holdings(signal);
    return holdings.secretsOf(ringName).flatMap((name) => parseSecretName(name) ?? []);
  }

  #wanted(ringName: string, secret: NamedSecret | undefined): Secret | undefined {
    return secret && this.#rings.get(ringName)?.keys.get(secret.fingerprint)?.psk;
  }
}
