import type { Command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import type { Column } from '../output/column.ts';

const columns: readonly Column[] = [
  { name: 'uuid', field: 'uuid', label: 'Cluster UUID', format: 'text' },
  { name: 'name', field: 'name', label: 'Cluster Name', format: 'text' },
  { name: 'version', field: 'version.full', label: 'Version', format: 'text' },
  { name: 'timezone', field: 'timezone.name', label: 'Time Zone', format: 'text' },
];

/** `cluster identity show`. */
export const show: Command = {
  description: ['Shows what the cluster is called.'],
  parameters: [],
  examples: [{ line: 'cluster identity show', explains: 'Name and UUID' }],
  run: async (_, { api, output }) => {
    const record = await (await api()).record('/cluster').get();
    await output.list({ columns, records: [record], isSingle: true });
    return exitStatus.done;
  },
};
