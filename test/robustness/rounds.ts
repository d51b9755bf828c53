/** Rounds of a campaign: `ESPLANADE_ROUNDS`, else the full number in `npm run test:robustness`, else a share of it. */
export function roundsOf(share: number, full: number): number {
  const given = process.env['ESPLANADE_ROUNDS'];
  if (given !== undefined && /^[1-9]\d*$/.test(given)) return Number(given);
  return process.env['ESPLANADE_CAMPAIGN'] === 'full' ? full : share;
}

/** `ESPLANADE_SEED`, else one drawn now; every campaign prints it. */
export function seedOf(): number {
  const given = process.env['ESPLANADE_SEED'];
  return given !== undefined && /^\d+$/.test(given) ? Number(given) : Math.floor(Math.random() * 2 ** 31);
}
