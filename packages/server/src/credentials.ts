import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from './settings.ts';

/** Settings that systemd can hand over as credentials of these names (systemd.exec(5), LoadCredential=). */
const credentials = [{ 'key-file': 'secrets.key' }, { 'tls-cert': 'tls.crt', 'tls-key': 'tls.key' }] as const;

/**
 * Adds the files that systemd has put into the service's credential directory, where nobody has given others. Settings that
 * belong together come from there together, or not at all.
 */
export function withCredentials(settings: Settings, environment: NodeJS.ProcessEnv): Settings {
  const directory = environment['CREDENTIALS_DIRECTORY'];
  if (directory === undefined || directory === '') return settings;
  const all = new Map(settings);
  for (const group of credentials) {
    const names = Object.entries(group);
    if (names.some(([option, name]) => settings.has(option) || !existsSync(join(directory, name)))) continue;
    for (const [option, name] of names)
      all.set(option, { values: [join(directory, name)], from: `the credential ${name}` });
  }
  return all;
}
