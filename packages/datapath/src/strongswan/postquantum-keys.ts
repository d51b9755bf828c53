import type { PolicyUuid } from '@esplanade/domain';
import type { Charon } from './charon.ts';
import type { CompiledEntry } from './connection-mapping.ts';
import { parseChildName, parseSecretName } from './names.ts';
import type { LoadablePostquantumKey } from './proof-mapping.ts';

/**
 * The post-quantum keys (RFC 8784) that forms want loaded. The remote names the one it means, so there is none to move to
 * as with pre-shared keys: another key is another form, and the former goes with the last form that has it.
 */
export class PostquantumKeys {
  readonly #main: Charon;
  readonly #ofForm = new Map<string, LoadablePostquantumKey>();
  /** Fingerprints by form, of each ring. */
  readonly #rings = new Map<string, Map<string, string>>();

  constructor(main: Charon) {
    this.#main = main;
  }

  /** Takes note of the key of a form, instead of the one it had before. */
  note({ childName, negotiation }: CompiledEntry): void {
    this.forget(childName);
    if (negotiation?.postquantum === undefined) return;
    const { ringName, key } = negotiation.postquantum;
    this.#ofForm.set(childName, negotiation.postquantum);
    const ring = this.#rings.get(ringName) ?? new Map<string, string>();
    this.#rings.set(ringName, ring.set(childName, key.fingerprint));
  }

  /** The form is gone. Its ring, if it had one, may have keys that nobody wants any more. */
  forget(childName: string): string | undefined {
    const ringName = this.#ofForm.get(childName)?.ringName;
    if (ringName === undefined) return undefined;
    this.#ofForm.delete(childName);
    const ring = this.#rings.get(ringName);
    ring?.delete(childName);
    if (ring?.size === 0) this.#rings.delete(ringName);
    return ringName;
  }

  /** The policies of which some form has a key. */
  policies(): ReadonlySet<PolicyUuid> {
    return new Set(
      [...this.#ofForm.keys()].flatMap((childName) => parseChildName(childName)?.policyUuid ?? []),
    );
  }

  /** Loads a key unless it is loaded, as the one that charon uses of those with its identity. */
  async load(wanted: LoadablePostquantumKey, signal?: AbortSignal): Promise<void> {
    const [first] = (await this.#main.holdings(signal)).secretsOf(wanted.ringName);
    const used = first === undefined ? undefined : parseSecretName(first);
    if (used?.fingerprint !== wanted.key.fingerprint) await this.#main.loadPostquantum(wanted, signal);
  }

  /** Unloads the keys of a ring that no form wants any more. */
  async prune(ringName: string, signal?: AbortSignal): Promise<void> {
    const wanted = new Set(this.#rings.get(ringName)?.values());
    for (const name of (await this.#main.holdings(signal)).secretsOf(ringName)) {
      const fingerprint = parseSecretName(name)?.fingerprint;
      if (fingerprint === undefined || wanted.has(fingerprint)) continue;
      await this.#main.unloadSecret(name, signal);
    }
  }
}
