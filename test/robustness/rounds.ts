/**
 * Rounds of a campaign: `ESPLANADE_ROUNDS`, else those of the full run (`ESPLANADE_CAMPAIGN=full`), else the share that
 * `npm test` runs.
 */
export function roundsOf({ share, full }: { readonly share: number; readonly full: number }): number {
  const given = process.env['ESPLANADE_ROUNDS'];
  if (given !== undefined && /^[1-9]\d*$/.test(given)) return Number(given);
  return isFullCampaign() ? full : share;
}

/** Whether everything is to be run, not a share. */
export function isFullCampaign(): boolean {
  return process.env['ESPLANADE_CAMPAIGN'] === 'full';
}

/** `ESPLANADE_SEED`, else one drawn now; every campaign prints it. */
export function seedOf(): number {
  const given = process.env['ESPLANADE_SEED'];
  return given !== undefined && /^\d+$/.test(given) ? Number(given) : Math.floor(Math.random() * 2 ** 31);
}
