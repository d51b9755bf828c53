import { isAbsolute, join } from 'node:path';

/**
 * Where this user's files of one kind are, by the XDG base directory specification: where the variable says, or at its usual
 * place in the home. Relative paths are ignored, as the specification wants, in `HOME` too.
 */
export function baseDirectory(chosen: string | undefined, home: string | undefined, usual: string): string {
  if (chosen !== undefined && isAbsolute(chosen)) return chosen;
  if (home !== undefined && isAbsolute(home)) return join(home, usual);
  return join(process.getBuiltinModule('node:os').userInfo().homedir, usual);
}
