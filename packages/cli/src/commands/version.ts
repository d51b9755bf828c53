import type { Command } from '../command.ts';
import { watchParameter } from '../directory/listing-parameters.ts';
import { exitStatus } from '../exit-status.ts';
import type { Column } from '../output/column.ts';

const columns: readonly Column[] = [
  { name: 'full', field: 'version.full', label: 'Version', format: 'text' },
  { name: 'generation', field: 'version.generation', label: 'Generation', format: 'integer' },
  { name: 'major', field: 'version.major', label: 'Major', format: 'integer' },
  { name: 'minor', field: 'version.minor', label: 'Minor', format: 'integer' },
];

/** `version`: of the server; that of the program is `esplanade --version`. */
export const version: Command = {
  description: ['Tells what the server runs. That of this program is told by "esplanade --version".'],
  parameters: [watchParameter],
  examples: [{ line: 'version', explains: 'Of the server of the profile' }],
  run: async (_, { api, output }) => {
    const cluster = await (await api()).record('/cluster').get();
    if (output.isExact) await output.list({ columns, records: [cluster], isSingle: true });
    else output.say(String(Object(cluster['version']).full));
    return exitStatus.done;
  },
};
