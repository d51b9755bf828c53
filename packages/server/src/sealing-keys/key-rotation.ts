import { setTimeout as sleep } from 'node:timers/promises';
import { type DesiredState, readKeyFile, type SealingKey, type SecretBox } from '@esplanade/desired';
import { StoreOpenError } from '@esplanade/store';
import { type Log, logFailure } from '../log.ts';

/** After a failure, such as a full disk. */
const retryMs = 60_000;

/** What keys are rotated of, and who hears of it. */
export interface KeyRotationOptions {
  readonly desired: Pick<DesiredState, 'sealAnew' | 'countSealedValues'>;
  readonly secretBox: SecretBox;
  readonly keyFile: string;
  readonly log: Pick<Log, 'info' | 'error'>;
  /** Told when other keys are in force, a sentence without secrets. */
  readonly onChanged: (sentence: string) => void;
}

/**
 * Takes up sealing keys while the server runs, and seals in the background with the first of them what is sealed with another.
 * Nobody waits for that, and wherever it is cut off it goes on at the next start.
 */
export class KeyRotation {
  readonly #options: KeyRotationOptions;
  readonly #closing = new AbortController();
  #isDue = false;
  #sealing: Promise<void> | undefined;
  #remaining = 0;

  constructor(options: KeyRotationOptions) {
    this.#options = options;
    // With one key all is sealed with it, or could not have been read.
    if (options.secretBox.keyIds.length > 1) this.#begin();
  }

  /** How many documents are still to be sealed anew, as far as is known. */
  get remaining(): number {
    return this.#remaining;
  }

  /** Reads the key file again. Rejects with StoreOpenError, the former keys staying in force, when it lacks one that is needed. */
  async reload(): Promise<void> {
    const { secretBox, keyFile, log, onChanged } = this.#options;
    const keys = await readKeyFile(keyFile);
    await this.#assertNothingIsLost(keys);
    const ids = keys.map(({ id }) => id);
    if (ids.join() === secretBox.keyIds.join()) return;
    secretBox.useSealingKeys(keys);
    const [first, ...others] = ids;
    const sentence = `key ${first} seals, ${others.length === 0 ? 'and there is no other' : `and ${others.join(', ')} opens what it sealed`}`;
    log.info(`${keyFile} is taken up: ${sentence}`);
    onChanged(sentence);
    this.#begin();
  }

  /** Ends between two commits. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#sealing;
  }

  async #assertNothingIsLost(keys: readonly SealingKey[]): Promise<void> {
    const { secretBox, keyFile, desired } = this.#options;
    const other = keys.find((key) => secretBox.isOther(key));
    if (other !== undefined)
      throw new StoreOpenError(
        `${keyFile} has other bytes for key ${other.id} than before: put the former back`,
      );
    const gone = secretBox.keyIds.filter((id) => !keys.some((key) => key.id === id));
    if (gone.length === 0) return;
    const counts = await desired.countSealedValues();
    // Whatever is written this moment is sealed with the first, and not counted yet.
    const needed = gone.find((id) => id === secretBox.sealingKeyId || counts.has(id));
    if (needed !== undefined)
      throw new StoreOpenError(
        `${keyFile} lacks key ${needed}, and ${counts.get(needed) ?? 0} values are sealed with it: put it back`,
      );
  }

  #begin(): void {
    this.#isDue = true;
    this.#sealing ??= this.#sealAll();
  }

  async #sealAll(): Promise<void> {
    const { signal } = this.#closing;
    try {
      while (this.#isDue && !signal.aborted) {
        this.#isDue = false;
        try {
          await this.#sealOnce(signal);
        } catch (error) {
          if (signal.aborted) return;
          logFailure(
            this.#options.log,
            'secrets could not be sealed anew; it is tried again in a minute',
            error,
          );
          await sleep(retryMs, undefined, { signal }).catch((reason: unknown) => {
            if (!signal.aborted) throw reason;
          });
          this.#isDue = true;
        }
      }
    } finally {
      this.#sealing = undefined;
    }
  }

  async #sealOnce(signal: AbortSignal): Promise<void> {
    const { desired, secretBox, log } = this.#options;
    let most = 0;
    await desired.sealAnew(signal, (remaining) => {
      if (most === 0) log.info(`sealing ${remaining} documents anew with key ${secretBox.sealingKeyId}`);
      most = Math.max(most, remaining);
      this.#remaining = remaining;
    });
    this.#remaining = 0;
    if (most > 0)
      log.info(
        `everything is sealed with key ${secretBox.sealingKeyId}: "esplanade key retire" takes former keys out of the key file`,
      );
  }
}
