import {
  beginningSealedWith,
  changeKeyFile,
  countSealedValues,
  findUnopenable,
  formatKeyFile,
  newSealingKey,
  parseKeyFile,
  readKeyFile,
  type SealingKeys,
  SecretBox,
} from '@esplanade/desired';
import { StoreOpenError } from '@esplanade/store';
import type { LocalCommand, LocalOption } from '../commands/local-command.ts';
import { offlineOptions, settingsOf } from '../commands/options.ts';
import { withToldFailures } from '../commands/told-failures.ts';
import { parseSharedConfig, type ServeConfig } from '../config.ts';
import { eraseTraces, openReader } from '../engines.ts';

const filterSwitch: LocalOption = {
  name: 'filter',
  help: "read the key file from standard input and write it to standard output, for key files that are kept elsewhere, as systemd's credentials are",
};

const about =
  'The key file has the keys that seal what is secret in the database, one a line; the first seals, all open what they once sealed. The server need not be stopped.';

/** `esplanade key status`. */
export const keyStatusCommand: LocalCommand = {
  description: ['Shows which keys there are, and how many stored values are sealed with each.', about],
  options: settingsOf(offlineOptions),
  examples: [
    {
      line: 'key status --data-dir /var/lib/esplanade/data',
      explains: 'After a rotation: whether anything is still sealed with the former key.',
    },
  ],
  run: ({ options }, { environment, print }) =>
    withToldFailures(async () => {
      print(await status(parseSharedConfig({ args: options, environment }, offlineOptions).config));
    }),
};

/** `esplanade key rotate`. */
export const keyRotateCommand: LocalCommand = {
  description: [
    'Puts a new key before the others. A server takes it up at SIGHUP (systemctl reload esplanade), or when it starts, and seals everything anew in the background.',
    about,
  ],
  options: [filterSwitch, ...settingsOf(offlineOptions)],
  examples: [
    {
      line: 'key rotate && systemctl reload esplanade',
      explains: 'A new key, and the server takes it up.',
    },
  ],
  run: changing(rotate),
};

/** `esplanade key retire`. */
export const keyRetireCommand: LocalCommand = {
  description: [
    'Takes out the keys that nothing is sealed with any more, after clearing the database of what they sealed. Backups from before still need them: keep a copy of the key file as long as such a backup.',
    about,
  ],
  options: [filterSwitch, ...settingsOf(offlineOptions)],
  examples: [
    {
      line: 'key retire && systemctl reload esplanade',
      explains: 'When key status says that nothing is sealed with the former key.',
    },
  ],
  run: changing(retire),
};

function changing(change: (config: ServeConfig, isFilter: boolean) => Promise<string>): LocalCommand['run'] {
  return ({ options }, { environment, print }) =>
    withToldFailures(async () => {
      const { config, switches } = parseSharedConfig({ args: options, environment }, offlineOptions, [
        'filter',
      ]);
      print(await change(config, switches.has('filter')));
    });
}

async function status({ dataDirectory, keyFile }: ServeConfig): Promise<string> {
  const counts = await countSealedValues(openReader(dataDirectory));
  const keys = await readKeyFile(keyFile);
  const other = await findUnopenable(openReader(dataDirectory), new SecretBox(keys));
  const lines = keys.map(({ id }, index) => {
    const count = counts.get(id) ?? 0;
    return `${id}  ${index === 0 ? 'seals, ' : ''}${count === 0 ? 'nothing is sealed with it' : `${count} values are sealed with it`}`;
  });
  const missing = [...counts].filter(([id]) => !keys.some((key) => key.id === id));
  return [
    ...lines,
    ...(other === undefined
      ? []
      : [`${other.keyId}  DOES NOT OPEN ${other.place}, which says it is sealed with it`]),
    ...missing.map(([id, count]) => `${id}  MISSING in ${keyFile}, ${count} values are sealed with it`),
  ].join('\n');
}

async function rotate({ dataDirectory, keyFile }: ServeConfig, isFilter: boolean): Promise<string> {
  const withNewKey = (keys: SealingKeys): SealingKeys => [newSealingKey(keys), ...keys];
  if (isFilter) return formatKeyFile(withNewKey(await keysFromStandardInput()));
  const counts = await countSealedValues(openReader(dataDirectory));
  await assertOpens(await readKeyFile(keyFile), counts, keyFile, dataDirectory);
  const [first] = await changeKeyFile(keyFile, withNewKey);
  return [
    `${keyFile} begins with the new key ${first.id}. A server takes it up at SIGHUP (systemctl reload esplanade) or when it starts.`,
    'The former key stays in it: what is stored is sealed with that until the server has sealed it anew (esplanade key status).',
  ].join('\n');
}

async function retire({ dataDirectory, keyFile }: ServeConfig, isFilter: boolean): Promise<string> {
  const counts = await countSealedValues(openReader(dataDirectory));
  const keys = isFilter ? await keysFromStandardInput() : await readKeyFile(keyFile);
  await assertOpens(keys, counts, keyFile, dataDirectory);
  const [first, ...former] = keys;
  const needed = former.filter(({ id }) => counts.has(id));
  if (needed.length > 0) {
    const values = needed.map(({ id }) => `${counts.get(id)} values with key ${id}`).join(', ');
    throw new StoreOpenError(
      `nothing is retired: still sealed are ${values}. Tell the server to take up the key file (SIGHUP), and wait`,
    );
  }
  if (former.length === 0) {
    if (isFilter) return formatKeyFile(keys);
    return `There is nothing to retire: ${first.id} is the only key of ${keyFile}.`;
  }
  const retired = new Set(former.map(({ id }) => id));
  await eraseTraces(dataDirectory, [...retired].map(beginningSealedWith));
  if (isFilter) return formatKeyFile([first]);
  await changeKeyFile(keyFile, ([head, ...tail]) => [head, ...tail.filter(({ id }) => !retired.has(id))]);
  return [
    `${[...retired].join(', ')} is out of ${keyFile}, and nothing in ${dataDirectory} is sealed with it, free pages included.`,
    'A backup from before can be opened only with a key file that has it.',
  ].join('\n');
}

/** Before anything is done to a key file: whether it is that of the data. */
async function assertOpens(
  keys: SealingKeys,
  counts: ReadonlyMap<string, number>,
  keyFile: string,
  dataDirectory: string,
): Promise<void> {
  const missing = [...counts.keys()].find((id) => !keys.some((key) => key.id === id));
  if (missing !== undefined)
    throw new StoreOpenError(
      `${keyFile} is not the key file of ${dataDirectory}, or not all of it: key ${missing} is missing`,
    );
  const other = await findUnopenable(openReader(dataDirectory), new SecretBox(keys));
  if (other !== undefined)
    throw new StoreOpenError(
      `${keyFile} is not the key file of ${dataDirectory}: its key ${other.keyId} does not open ${other.place}, which says it is sealed with it`,
    );
}

async function keysFromStandardInput(): Promise<SealingKeys> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return parseKeyFile(Buffer.concat(chunks).toString('utf8'), 'standard input');
}
