import type { Secret } from '@esplanade/domain';
import type { Charon } from './charon.ts';
import type { CompiledEntry, KeyRing } from './connection-mapping.ts';
import { secretName } from './names.ts';

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
   * remote knows another already is found out later. True when all keys it had are over, so that what they proved is too.
   */
  async load(ringName: string, signal?: AbortSignal): Promise<boolean> {
    const wanted = this.#rings.get(ringName);
    if (wanted === undefined) return false;
    const loaded = (await this.#main.holdings(signal)).secretsOf(ringName);
    const keys = [...wanted.keys.values()].sort((a, b) => a.replaced - b.replaced).map(({ psk }) => psk);
    const isLoaded = (psk: Secret): boolean => loaded.includes(secretName(ringName, psk.fingerprint));
    const missing = keys.filter((psk) => !isLoaded(psk));
    for (const psk of missing.toReversed()) await this.#main.loadSecret(wanted.ring, psk, signal);
    const [first] = loaded;
    const proven = keys.find(({ fingerprint }) => secretName(ringName, fingerprint) === first);
    if (missing.length > 0 && proven !== undefined) await this.#main.loadSecret(wanted.ring, proven, signal);
    return loaded.length > 0 && !keys.some(isLoaded);
  }

  /** Lets charon prove this key from now on, if it is still wanted. */
  async prove(ringName: string, psk: Secret, signal?: AbortSignal): Promise<void> {
    const wanted = this.#rings.get(ringName);
    const [first] = (await this.#main.holdings(signal)).secretsOf(ringName);
    if (wanted?.keys.has(psk.fingerprint) !== true || first === secretName(ringName, psk.fingerprint)) return;
    await this.#main.loadSecret(wanted.ring, psk, signal);
  }

  /** The key that charon proves now, if it is one that is wanted. */
  async proven(ringName: string, signal?: AbortSignal): Promise<Secret | undefined> {
    const [first] = (await this.#main.holdings(signal)).secretsOf(ringName);
    return this.#wanted(ringName, first);
  }

  /** Lets charon prove the key that it has not proved for longest. */
  async proveAnother(ringName: string, signal?: AbortSignal): Promise<void> {
    const last = (await this.#main.holdings(signal)).secretsOf(ringName).at(-1);
    const psk = this.#wanted(ringName, last);
    if (psk !== undefined) await this.prove(ringName, psk, signal);
  }

  /** Unloads the keys of a ring that nobody accepts any more. */
  async prune(ringName: string, signal?: AbortSignal): Promise<void> {
    for (const name of (await this.#main.holdings(signal)).secretsOf(ringName)) {
      if (this.#wanted(ringName, name) === undefined) await this.#main.unloadSecret(name, signal);
    }
  }

  #wanted(ringName: string, secret: string | undefined): Secret | undefined {
    const keys = this.#rings.get(ringName)?.keys.values() ?? [];
    return [...keys].find(({ psk }) => secretName(ringName, psk.fingerprint) === secret)?.psk;
  }
}
