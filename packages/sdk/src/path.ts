/** A part of a path, whatever it holds. A URL takes `.` and `..` for steps, also where they are encoded: no key is one. */
export function encodedKey(key: string): string {
  if (key === '.' || key === '..') throw new TypeError(`${key} cannot stand in a path`);
  return encodeURIComponent(key);
}

/** Whether a URL would take a part of this path for a step to somewhere else; it drops tabs and line ends first. */
export function hasSteps(path: string): boolean {
  return path
    .replaceAll(/[\t\n\r]/g, '')
    .split(/[/\\]/)
    .some((part) => /^(?:\.|%2e){1,2}$/i.test(part));
}

/** Whether two paths are one, however they are encoded. */
export function isSamePath(one: string, other: string): boolean {
  return one === other || decoded(one) === decoded(other);
}

function decoded(path: string): string | undefined {
  try {
    return path.split('/').map(decodeURIComponent).join('\0');
  } catch (error) {
    if (error instanceof URIError) return path;
    throw error;
  }
}
