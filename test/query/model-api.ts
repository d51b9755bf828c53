import {
  type Api,
  type CollectionResource,
  createApi,
  type Field,
  type FieldType,
  type FieldValue,
} from '@esplanade/ontap';
import type { NaiveField, NaiveRecord } from './naive-collection.ts';
import type { NaiveType, NaiveValue } from './naive-values.ts';
import { modelFields } from './random-records.ts';

/** Where the records of `modelApi` are. */
export const modelPath = '/api/model/things';

const fieldTypes: Readonly<Record<NaiveType, FieldType>> = {
  text: 'string',
  word: 'keyword',
  whole: 'integer',
  count: 'counter',
  flag: 'boolean',
  date: 'datetime',
  address: 'address',
  range: 'range',
  list: 'strings',
};

/** The product over whatever records are put on the shelf. What it takes for a fault of its own is thrown. */
export function modelApi(shelf: { readonly records: readonly NaiveRecord[] }): Api {
  const things: CollectionResource<NaiveRecord> = {
    kind: 'collection',
    path: '/model/things',
    title: 'Things',
    key: 'uuid',
    fields: Object.fromEntries(
      Object.entries(modelFields).map(([name, field]) => [name, productField(name, field)]),
    ),
    list: () => ({ kind: 'rows', rows: shelf.records }),
    find: (key) => shelf.records.find(({ uuid }) => uuid === key),
  };
  return createApi({
    resources: [things],
    release: '9.18.1',
    resolveSvm: () => undefined,
    onBug: (error) => {
      throw error;
    },
  });
}

function productField(name: string, { type, choices, aliases }: NaiveField): Field<NaiveRecord> {
  return {
    type: fieldTypes[type],
    description: name,
    ...(choices && { enum: choices }),
    ...(aliases && { aliases }),
    get: (record) => productValue(type, record[name]),
  };
}

function productValue(type: NaiveType, value: NaiveValue | undefined): FieldValue {
  return type === 'count' && typeof value === 'string' ? BigInt(value) : value;
}
