import { isAbsolute, join } from 'node:path';

/**
 * Where this user's files of one kind are, by the XDG base directory specification: where the variable says, or at its usual
 * place in the home. Relative paths are ignored, as the specification wants, in `HOME` too. Undefined where neither says a place,
 * and the system knows no home of this user: in a container, say.
 */
export function baseDirectory(
  chosen: string | undefined,
  home: string | undefined,
  usual: string,
): string | undefined {
  if (chosen !== undefined && isAbsolute(chosen)) return chosen;
  const known = home !== undefined && isAbsolute(home) ? home : homeOfSystem();
  return known === undefined ? undefined : join(known, usual);
}

function homeOfSystem(): string | undefined {
  const { userInfo } = process.getBuiltinModule('node:os');
  try {
    return userInfo().homedir;
  } catch {
    // So it says that there is no such user.
    return undefined;
  }
}
