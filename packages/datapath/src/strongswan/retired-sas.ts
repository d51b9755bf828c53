import type { PolicyUuid } from '@esplanade/domain';
import type { Retired } from './installer.ts';
import { withoutWindow } from './names.ts';
import type { SaControl } from './sa-control.ts';
import type { SaObserver } from './sa-observer.ts';

/** Taken down one after the other; more at once, which takes looking whether they are gone. */
const fewSas = 2;

/** What becomes of the SAs of what was taken out of charon's configuration. Asks charon only where events do not tell. */
export class RetiredSas {
  readonly #observer: SaObserver;
  readonly #sas: SaControl;

  constructor(observer: SaObserver, sas: SaControl) {
    this.#observer = observer;
    this.#sas = sas;
  }

  /** Whether any of the children has an SA that is to go. */
  async isInUse(keep: string | undefined, { children }: Retired, signal?: AbortSignal): Promise<boolean> {
    for (const { childName } of children.filter((child) => !isLeft(child.childName, keep))) {
      const known = this.#observer.sasOf(childName);
      if (known === undefined ? await this.#sas.hasSa(childName, signal) : known > 0) return true;
    }
    return false;
  }

  /**
   * Takes down what was retired, and any other SA of the policy but those of the child to keep. Where only the anti-replay
   * window is another, an SA is left the one it has.
   */
  async takeDown(
    policyUuid: PolicyUuid,
    keep: string | undefined,
    { children, connections }: Retired,
    signal?: AbortSignal,
  ): Promise<void> {
    const withConnection = new Set(
      children
        .filter(({ connectionName }) => connections.has(connectionName))
        .map(({ childName }) => childName),
    );
    const orphans = this.#observer.orphansOf(policyUuid, keep);
    const names = new Set([...children.map(({ childName }) => childName), ...orphans]);
    const going = [...names.difference(withConnection)].filter((name) => !isLeft(name, keep));
    for (const child of going)
      await this.#sas.takeDown({ child }, isFew(this.#observer.sasOf(child)), signal);
    for (const ike of connections)
      await this.#sas.takeDown({ ike }, isFew(this.#observer.ikeSasOf(ike)), signal);
  }
}

function isLeft(childName: string, keep: string | undefined): boolean {
  return keep !== undefined && withoutWindow(childName) === withoutWindow(keep);
}

function isFew(count: number | undefined): boolean {
  return count !== undefined && count <= fewSas;
}
