import { basename, dirname, join } from 'node:path';

/** Where charon's sockets of an IPspace are. */
export interface ViciPaths {
  readonly main: string;
  readonly guard: string;
  /** Of the optional kernel reader. */
  readonly kernel: string;
}

const socketDirectory = '/run/esplanade/vici';

/** Longest path that a Unix socket takes on Linux, in bytes (unix(7)). */
const longestSocketPath = 107;

/** The sockets of an IPspace: as named by `--vici`, else the well-known ones; the others are beside the main one. */
export function viciPaths(ipspaceName: string, named: ReadonlyMap<string, string>): ViciPaths {
  const main = named.get(ipspaceName) ?? join(socketDirectory, `${ipspaceName}.sock`);
  const beside = (name: string): string => join(dirname(main), `${ipspaceName}.${name}.sock`);
  return { main, guard: beside('guard'), kernel: beside('kernel') };
}

/**
 * What the name of an IPspace has to be, where this one is not; `undefined` when it is. It is the name of a network
 * namespace, of a file and of systemd units, and part of the paths of sockets, where `red.guard` would be another's.
 */
export function expectedIpspaceName(name: string): string | undefined {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,46}$/.test(name))
    return '1 to 47 letters, digits, dots, dashes or underscores, not beginning with a dot or dash';
  return /\.(guard|kernel)$/.test(name)
    ? "not ending in .guard or .kernel, which are the sockets beside another IPspace's"
    : undefined;
}

/**
 * Why a socket cannot be that of an IPspace, a sentence; `undefined` when it can. Two IPspaces on one charon would each
 * take away what the other has put there.
 */
export function socketProblem(
  ipspaceName: string,
  path: string,
  others: ReadonlyMap<string, string>,
): string | undefined {
  const own = Object.values(viciPaths(ipspaceName, new Map([[ipspaceName, path]])));
  const tooLong = own.find((each) => Buffer.byteLength(each) > longestSocketPath);
  if (tooLong !== undefined)
    return `the path of a socket has ${longestSocketPath} bytes at most: ${tooLong}.`;
  for (const [other, taken] of others) {
    const common = Object.values(viciPaths(other, new Map([[other, taken]]))).find((each) =>
      own.includes(each),
    );
    if (common !== undefined) return `${common} would belong to the IPspaces ${other} and ${ipspaceName}.`;
  }
  const wellKnown = viciPaths(ipspaceName, new Map()).main;
  if (dirname(path) === socketDirectory && path !== wellKnown)
    return `${basename(path)} in ${socketDirectory} is the socket of an IPspace of that name, not of ${ipspaceName}.`;
  return undefined;
}
