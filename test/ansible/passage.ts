import type { AnsibleUser, PlaybookRun } from './playbook.ts';

/** A playbook run in the three ways an operator runs it. */
export interface Passage<State> {
  /** `--check`. */
  readonly check: PlaybookRun;
  readonly afterCheck: State;
  /** For real. */
  readonly first: PlaybookRun;
  readonly afterFirst: State;
  /** Once more, with nothing left to do. */
  readonly second: PlaybookRun;
  readonly afterSecond: State;
}

/** Runs a playbook in check mode, for real, and again; reads the state after each with `read`. */
export async function pass<State>(
  user: AnsibleUser,
  playbook: string,
  variables: Readonly<Record<string, unknown>>,
  read: () => Promise<State>,
): Promise<Passage<State>> {
  return {
    check: await user.play(playbook, { variables, isCheck: true }),
    afterCheck: await read(),
    first: await user.play(playbook, { variables }),
    afterFirst: await read(),
    second: await user.play(playbook, { variables }),
    afterSecond: await read(),
  };
}
