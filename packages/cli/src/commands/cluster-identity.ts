import type { Command } from '../command.ts';
import { showRecordCommand } from '../directory/show-record.ts';
import type { Column } from '../output/column.ts';

const columns: readonly Column[] = [
  { name: 'uuid', field: 'uuid', label: 'Cluster UUID', format: 'text' },
  { name: 'name', field: 'name', label: 'Cluster Name', format: 'text' },
  { name: 'version', field: 'version.full', label: 'Version', format: 'text' },
  { name: 'timezone', field: 'timezone.name', label: 'Time Zone', format: 'text' },
];

/** `cluster identity show`. */
export const show: Command = showRecordCommand('/cluster', columns, {
  description: ['Shows what the cluster is called.'],
  examples: [{ line: 'cluster identity show', explains: 'Name and UUID' }],
});
