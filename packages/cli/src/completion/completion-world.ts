import type { Api } from '@esplanade/sdk';
import type { Arguments, CommandEntry } from '../command.ts';
import type { CompletionWorld } from './complete.ts';

/** How long the server may take; a person waits with a finger on the key. */
const timeLimitMs = 1_500;

/** Where values come from. */
export interface ValueOrigin {
  connect(given: Arguments, signal: AbortSignal): Promise<Api>;
  /** Why there are no values. */
  note(text: string): void;
}

/** The world as completion sees it: where the server does not answer in time, or wants a password, it has no values. */
export function completionWorld(
  commands: readonly CommandEntry[],
  environment: NodeJS.ProcessEnv,
  { connect, note }: ValueOrigin,
): CompletionWorld {
  return {
    commands,
    profiles: async () => new (await import('../connection/profiles.ts')).Profiles(environment).names(),
    values: async (question) => {
      const { serverValues } = await import('./server-values.ts');
      const signal = AbortSignal.timeout(timeLimitMs);
      const given: Arguments = {
        has: (name) => question.given(name) !== undefined,
        text: question.given,
        list: (name) => question.given(name)?.split(',') ?? [],
      };
      try {
        const api = await connect(given, signal);
        return await serverValues(api.with({ retries: 0, signal }), question);
      } catch (error) {
        note(`esplanade: ${error instanceof Error ? error.message : String(error)}\n`);
        return [];
      }
    },
  };
}
