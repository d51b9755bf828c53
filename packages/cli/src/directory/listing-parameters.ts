import type { Parameter } from '../command.ts';
import type { Column } from '../output/column.ts';

/** What every command that lists records takes besides its queries. */
export function listingParameters(columns: readonly Column[]): readonly Parameter[] {
  return [
    {
      name: 'fields',
      value: { kind: 'list', placeholder: 'FIELD', choices: [...columns.map(({ name }) => name), 'all'] },
      help: 'Show these, beside the keys',
    },
    { name: 'instance', value: { kind: 'switch' }, help: 'Show everything of each, one below the other' },
    {
      name: 'order-by',
      value: { kind: 'list', placeholder: 'FIELD[:desc]' },
      help: 'Sort by these, ascending or descending',
    },
    { name: 'limit', value: { kind: 'integer', placeholder: 'NUMBER' }, help: 'Show no more than so many' },
    {
      name: 'watch',
      value: { kind: 'integer', placeholder: 'SECONDS', bare: '2' },
      help: 'Show it again and again, every so many seconds (2), until Ctrl-C',
    },
  ];
}
