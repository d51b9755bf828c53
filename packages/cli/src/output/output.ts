import type { Column } from './column.ts';

export type OutputFormat = 'table' | 'instance' | 'json' | 'yaml' | 'csv';

/** A record as the API has it, nested. */
export type ApiRecord = Readonly<Record<string, unknown>>;

/** What to show. */
export interface Listing {
  /** All columns that the command has, keys first. */
  readonly columns: readonly Column[];
  /** Names of the columns that were asked for with `-fields`; undefined: the format's own choice. */
  readonly fields?: readonly string[];
  readonly records: AsyncIterable<ApiRecord> | Iterable<ApiRecord>;
  /** There is exactly one, as there is one configuration: people see a block, machines an object and no list. */
  readonly isSingle?: boolean;
  /** Whether something was asked for; where nothing was, an empty table is told to be one. */
  readonly isFiltered?: boolean;
}

/** Shows results in the format that was asked for. */
export interface Output {
  readonly format: OutputFormat;
  /** Whether the format is one for machines. */
  readonly isExact: boolean;
  /** Shows records; returns how many. Machine formats stream, tables need all records to fit. */
  list(listing: Listing): Promise<number>;
  /** A sentence for people about what was done, on a line of its own; silent in machine formats. */
  say(sentence: string): void;
}
