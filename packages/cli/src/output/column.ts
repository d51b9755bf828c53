/** How a value looks to people; machines get it as it is. */
export type ValueFormat =
  | 'text'
  /** ONTAP's CLI shows keywords in capitals where `isUpperCase`: `ESP_TRA`. */
  | 'keyword'
  | 'boolean'
  | 'integer'
  /** `1.2 GB`. */
  | 'bytes'
  /** `1,234,567`. */
  | 'count'
  /** `3 h 12 m`. */
  | 'seconds'
  /** An instant, ISO 8601 on the wire. */
  | 'time'
  | 'list';

/** A field of a record as it is shown. */
export interface Column {
  /** Name of the parameter and in `-fields`: `local-ip-subnets`. */
  readonly name: string;
  /** Other names that are understood: `policy-name` for `name`. */
  readonly aliases?: readonly string[];
  /** Member of the record, dotted: `local_endpoint.address`. */
  readonly field: string;
  /** Label in an `-instance` block: `Local IP Subnets`. */
  readonly label: string;
  /** Lines of the heading in a table: `['Local', 'IP Subnet']`. Without one it is in `-instance` and `-fields` only. */
  readonly heading?: readonly string[];
  readonly format: ValueFormat;
  /** Keys name a record: with `-fields` they are shown unasked. */
  readonly isKey?: boolean;
  readonly isUpperCase?: boolean;
  /** What people read and type where ONTAP's CLI has other words than its API: `{ server_ca: 'server-ca' }`, `{ true: 'up' }`. */
  readonly words?: Readonly<Record<string, string>>;
  /** What of the value is shown to people; the value itself without it. Programs get the value. */
  readonly shown?: (value: unknown) => unknown;
}
