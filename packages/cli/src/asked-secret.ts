import type { Context } from './context.ts';
import { misused } from './parse.ts';

/** A secret that is asked for. */
export interface WantedSecret {
  /** Of its parameter: `shared-key`. */
  readonly name: string;
  /** What it is, for the question. */
  readonly help: string;
  /** Whether it is set with this, and so asked for twice: nobody sees a slip. */
  readonly isNew: boolean;
}

/**
 * The secret, typed without echo. Asks anew until both times are the same: whoever types a secret goes on typing, and a prompt
 * that came instead would show it. Throws a CommandError `misused` where nobody can be asked.
 */
export async function askedSecret(
  { name, help, isNew }: WantedSecret,
  { terminal, signal }: Pick<Context, 'terminal' | 'signal'>,
): Promise<string> {
  if (!terminal.canAsk)
    throw misused(`Nobody can be asked for -${name} here: give -${name}-file FILE (- is standard input).`);
  for (;;) {
    const secret = await terminal.askSecret(`${help}: `, signal);
    if (!isNew || (await terminal.askSecret('Again: ', signal)) === secret) return secret;
    terminal.note('The two are not the same. Once more, or Ctrl-C.\n');
  }
}
