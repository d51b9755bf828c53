/** An ONTAP release such as `9.16.1`. Fields, parameters and endpoints newer than the emulated one are unknown. */
export type Release = string;

/** Orders releases by their numbers: negative when `a` is older than `b`, 0 when equal; `9.16` equals `9.16.0`. */
export function compareReleases(a: Release, b: Release): number {
  const left = a.split('.');
  const right = b.split('.');
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = Number(left[index] ?? 0) - Number(right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether `release` lies between the first and the last release that know a thing; both ends belong to it. */
export function isKnownIn(
  release: Release,
  life: { readonly since?: Release | undefined; readonly until?: Release | undefined },
): boolean {
  if (life.since !== undefined && compareReleases(release, life.since) < 0) return false;
  return life.until === undefined || compareReleases(release, life.until) <= 0;
}
