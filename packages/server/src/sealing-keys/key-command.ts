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
import { parseSharedConfig, type ServeConfig } from '../config.ts';
import { eraseTraces, openReader } from '../engines.ts';
import { offlineOptions, optionsHelp } from '../help.ts';
import { UsageError } from '../settings.ts';

const help = `esplanade key status [OPTIONS]
esplanade key rotate [OPTIONS]
esplanade key retire [OPTIONS]

The keys that seal what is secret in the database. The key file has one a line; the first seals, all open what they once
sealed. None of these commands stops the server, or needs it.

  status   which keys there are, and how many stored values are sealed with each
  rotate   put a new key before the others. A server takes it up at SIGHUP (systemctl reload esplanade), or when it starts, and
           seals everything anew in the background
  retire   take out the keys that nothing is sealed with any more, after clearing the database of what they sealed. Backups from
           before still need them: keep a copy of the key file as long as such a backup

  --filter
      with rotate and retire: read the key file from standard input and write it to standard output, for key files that are kept
      elsewhere, as systemd's credentials are
${optionsHelp(offlineOptions)}
Example:
  esplanade key rotate && systemctl reload esplanade
  esplanade key status                # until nothing is sealed with the former key
  esplanade key retire && systemctl reload esplanade
`;

/** `esplanade key`: returns what to print. */
export async function run(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<string> {
  if (args.includes('--help')) return help;
  const [verb, ...rest] = args;
  const source = { args: rest, environment };
  switch (verb) {
    case 'status':
      return status(parseSharedConfig(source, offlineOptions).config);
    case 'rotate':
    case 'retire': {
      const { config, switches } = parseSharedConfig(source, offlineOptions, ['filter']);
      const isFilter = switches.has('filter');
      return verb === 'rotate' ? rotate(config, isFilter) : retire(config, isFilter);
    }
    default:
      throw new UsageError(`esplanade key: say status, rotate or retire.\n\n${help}`);
  }
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
