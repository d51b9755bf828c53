const showing = /^received end entity cert "(.*)"$/;
/** After a reauthentication, which asks for no status at first. */
const lookingAgain = 'verifying peer certificate';
const lookingAt = /^ {2}using certificate "(.*)"$/;
const askingStatus = /^checking certificate status of /;
const knowingStatus = /^certificate (?:status is|was revoked on) /;

/**
 * Which certificate of a remote charon looks at, as its log tells: the one that the remote has shown, if it has the
 * remote's identity, then all that charon remembers of that identity.
 */
export class CertificateCandidates {
  /** The subject of the one shown. */
  #shown: string | undefined;
  /** Whether charon is about to look at that one, if it looks at it at all. */
  #isShownNext = false;
  #isRemembered = false;
  /** While charon asks for the status of one, it looks at those of whoever signed the answer. */
  #isAskingStatus = false;

  /** Whether charon looks at one that it remembers, and the remote may show no more. */
  get isRemembered(): boolean {
    return this.#isRemembered;
  }

  /** Takes in a line of the log. */
  read(line: string): void {
    const [, shown] = showing.exec(line) ?? [];
    if (shown !== undefined) this.#shown = shown;
    if (shown !== undefined || line === lookingAgain) {
      this.#isShownNext = true;
      this.#isAskingStatus = false;
    }
    if (askingStatus.test(line)) this.#isAskingStatus = true;
    if (knowingStatus.test(line)) this.#isAskingStatus = false;
    const [, subject] = lookingAt.exec(line) ?? [];
    if (subject === undefined || this.#isAskingStatus) return;
    this.#isRemembered = !this.#isShownNext || subject !== this.#shown;
    if (!this.#isRemembered) this.#isShownNext = false;
  }
}
