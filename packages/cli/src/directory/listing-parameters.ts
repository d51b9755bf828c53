import type { Arguments, Parameter } from '../command.ts';
import type { Column } from '../output/column.ts';

/** What every command that lists records takes besides its queries. */
export function listingParameters(columns: readonly Column[]): readonly Parameter[] {
  return [
    fieldsParameter(columns, 'Show these, beside the keys'),
    { name: 'instance', value: { kind: 'switch' }, help: 'Show everything of each, one below the other' },
    {
      name: 'order-by',
      value: { kind: 'list', placeholder: 'FIELD[:desc]' },
      help: 'Sort by these, ascending or descending',
    },
    { name: 'limit', value: { kind: 'integer', placeholder: 'NUMBER' }, help: 'Show no more than so many' },
    watchParameter,
  ];
}

/** What every command takes that shows the one record there is, as there is one configuration. */
export function recordParameters(columns: readonly Column[]): readonly Parameter[] {
  return [
    fieldsParameter(columns, 'Show these only'),
    {
      name: 'instance',
      value: { kind: 'switch' },
      help: 'Show everything, which is what is done without it',
    },
    watchParameter,
  ];
}

/** The names of the columns that `-fields` asks for; undefined where it was not given. */
export function chosenFields(columns: readonly Column[], given: Arguments): readonly string[] | undefined {
  if (!given.has('fields')) return undefined;
  const fields = [...new Set(given.list('fields'))];
  return fields.includes('all') ? columns.map(({ name }) => name) : fields;
}

function fieldsParameter(columns: readonly Column[], help: string): Parameter {
  const names = [...columns, { name: 'all' }];
  const choices = names.map(({ name }) => name);
  return { name: 'fields', value: { kind: 'list', placeholder: 'FIELD', choices, names }, help };
}

/** What lets a command be shown again and again. */
export const watchParameter: Parameter = {
  name: 'watch',
  value: { kind: 'integer', placeholder: 'SECONDS', bare: '2' },
  help: 'Show it again and again, every so many seconds (2), until Ctrl-C',
};
