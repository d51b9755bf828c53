/**
 * A directory for compiled code that only this user can write, made where it is not there: `$XDG_CACHE_HOME/esplanade/node`
 * (`~/.cache/esplanade/node`). Undefined where there can be none, or where somebody else could put code that this user would run, as
 * when sudo keeps HOME.
 *
 * In JavaScript, because the types of what comes before the cache would be stripped at every start.
 *
 * @param {NodeJS.ProcessEnv} environment
 * @returns {string | undefined}
 */
export function ownCache({ XDG_CACHE_HOME: chosen, HOME: home }) {
  const { existsSync, lstatSync, mkdirSync, realpathSync } = process.getBuiltinModule('node:fs');
  const { dirname } = process.getBuiltinModule('node:path');
  const place = chosen?.startsWith('/') ? chosen : home?.startsWith('/') ? `${home}/.cache` : undefined;
  if (place === undefined) return undefined;
  const user = process.geteuid();
  // A group with the number of the user is the user's own.
  const isOfOthers = ({ mode, gid }) => (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== user);
  /** Whether nobody else can put another directory in its place, or in that of one above it. */
  const stays = (directory) => {
    const stats = lstatSync(directory);
    const isSticky = (stats.mode & 0o1000) !== 0;
    if ((stats.uid !== user && stats.uid !== 0) || (isOfOthers(stats) && !isSticky)) return false;
    return directory === '/' || stays(dirname(directory));
  };
  try {
    for (const directory of [place, `${place}/esplanade`, `${place}/esplanade/node`]) {
      if (existsSync(directory)) continue;
      if (!stays(realpathSync.native(dirname(directory)))) return undefined;
      // One at a time: in /proc Node never ends making several.
      mkdirSync(directory, { mode: 0o700 });
    }
    const cache = realpathSync.native(`${place}/esplanade/node`);
    return stays(cache) && !isOfOthers(lstatSync(cache)) ? cache : undefined;
  } catch {
    // A start takes longer then, and that is all.
    return undefined;
  }
}
