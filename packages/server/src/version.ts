import manifest from '../package.json' with { type: 'json' };

/** The version of Esplanade, as its packages carry it. */
export const version: string = manifest.version;
