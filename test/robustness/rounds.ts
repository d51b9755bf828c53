/** Rounds of a campaign: `ESPLANADE_ROUNDS`, else the share that `npm test` runs. */
export function roundsOf(share: number): number {
  const given = process.env['ESPLANADE_ROUNDS'];
  return given !== undefined && /^[1-9]\d*$/.test(given) ? Number(given) : share;
}

/** `ESPLANADE_SEED`, else one drawn now; every campaign prints it. */
export function seedOf(): number {
  const given = process.env['ESPLANADE_SEED'];
  return given !== undefined && /^\d+$/.test(given) ? Number(given) : Math.floor(Math.random() * 2 ** 31);
}
