import { environmentName, serveOptions } from '../option.ts';
import type { LocalOption } from './local-command.ts';

/** The settings that commands on a data directory share with `serve`. */
export const offlineOptions = ['data-dir', 'key-file'] as const;

const configOption: LocalOption = {
  name: 'config',
  value: 'FILE',
  help: 'JSON with the same names; a flag beats the environment, which beats the file',
  variable: 'ESPLANADE_CONFIG',
};

/** The options of these names as help tells them, and `--config`, which may hold them. */
export function settingsOf(names: readonly string[]): readonly LocalOption[] {
  const named = serveOptions
    .filter(({ name }) => names.includes(name))
    .map((option) => ({ ...option, variable: environmentName(option) }));
  return [...named, configOption];
}

/** Every setting of `serve`. */
export const serveSettings: readonly LocalOption[] = settingsOf(serveOptions.map(({ name }) => name));
