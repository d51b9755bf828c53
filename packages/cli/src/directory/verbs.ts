import type { Command, Parameter } from '../command.ts';
import type { Directory, DirectoryField } from './directory.ts';
import { namingKeysOf, readableOf, selectorsOf } from './keys.ts';
import { listingParameters } from './listing-parameters.ts';

/** `show`: every field is a query, and a column. */
export function showCommand(directory: Directory): Command {
  const { description, examples } = textOf(directory, 'show');
  const shown = readableOf(directory);
  return {
    description,
    parameters: [
      ...(directory.asks ?? []),
      ...shown.map((field) => queryOf(directory, field)),
      ...listingParameters(shown),
    ],
    examples,
    run: async (given, context) => {
      const { show } = await import('./show.ts');
      return show(directory, given, context);
    },
  };
}

/** `create`. */
export function createCommand(directory: Directory): Command {
  const { description, examples } = textOf(directory, 'create');
  const settable = directory.fields.filter(({ create }) => create !== undefined);
  return {
    description,
    parameters: settable.map((field) => ({
      ...parameterOf(directory, field),
      ...(field.create === 'required' && { isRequired: true }),
      ...(field.fallback !== undefined && { fallback: field.fallback }),
    })),
    examples,
    run: async (given, context) => {
      const { create } = await import('./create.ts');
      return create(directory, given, context);
    },
  };
}

/** `modify`: keys, which may be queries, say of which records; the other parameters are the new values. */
export function modifyCommand(directory: Directory): Command {
  const { description, examples } = textOf(directory, 'modify');
  const modifiable = directory.fields.filter(({ isModifiable }) => isModifiable === true);
  const command: Command = {
    description,
    parameters: [
      ...selectorsOf(directory).map((field) => queryOf(directory, field)),
      ...modifiable.map((field) => parameterOf(directory, field)),
      ...severalParameters,
    ],
    selectors: readableOf(directory).map((field) => queryOf(directory, field)),
    examples,
    run: async (given, context) => {
      const { modify } = await import('./change.ts');
      return modify(directory, command, given, context);
    },
  };
  return command;
}

/** `delete`: every field is a query, which together say which records. */
export function deleteCommand(directory: Directory): Command {
  const { description, examples } = textOf(directory, 'delete');
  const selectors = readableOf(directory).map((field) => queryOf(directory, field));
  const command: Command = {
    description,
    parameters: [
      ...selectors,
      ...directory.fields
        .filter(({ isForDelete }) => isForDelete === true)
        .map((field) => parameterOf(directory, field)),
      ...severalParameters,
    ],
    selectors,
    examples,
    run: async (given, context) => {
      const { remove } = await import('./change.ts');
      return remove(directory, command, given, context);
    },
  };
  return command;
}

/** For what may concern several records at once. */
const severalParameters: readonly Parameter[] = [
  { name: 'force', value: { kind: 'switch' }, help: 'Do not ask, also where several match' },
  {
    name: 'continue-on-failure',
    value: { kind: 'boolean' },
    help: 'Where several match: go on with the others when one fails',
    fallback: 'false',
  },
];

function textOf({ words, verbs }: Directory, verb: keyof Directory['verbs']) {
  const text = verbs[verb];
  if (text === undefined) throw new TypeError(`${words.join(' ')} has no ${verb}`);
  return text;
}

/** The field as a parameter that selects: what the records have is what completion offers. */
function queryOf(directory: Directory, field: DirectoryField): Parameter {
  // A UUID says nothing to those who choose one.
  const name = field.field === 'uuid' ? directory.fields.find((other) => other.field === 'name') : undefined;
  return {
    ...(field.queryField === undefined && {
      source: {
        path: directory.path,
        field: field.field,
        ...(name !== undefined && { label: name.field }),
      },
    }),
    ...parameterOf(directory, field),
    isQuery: true,
    target: field.queryField ?? field.field,
  };
}

function parameterOf(directory: Directory, field: DirectoryField): Parameter {
  const { name, aliases, value, format, help, source, isKey, mistaken } = field;
  const isQuantity = format === 'bytes' || format === 'seconds';
  return {
    name,
    value: value.kind === 'integer' && isQuantity ? { ...value, unit: format } : value,
    help,
    target: field.field,
    ...(isKey === true && { isPositional: true }),
    ...(namingKeysOf(directory).at(-1) === field && { isName: true }),
    ...(aliases !== undefined && { aliases }),
    ...(source !== undefined && { source }),
    ...(mistaken !== undefined && { mistaken }),
  };
}
