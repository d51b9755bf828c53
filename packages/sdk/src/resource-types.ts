import type { FilterValue } from './condition.ts';

/** A record of a resource that is not described here. */
export type UnknownRecord = Readonly<Record<string, unknown>>;

/** Parameters of a verb beside ONTAP's generic ones, by name. */
export type Parameters = Readonly<Record<string, string | number | boolean>>;

/** What is known of a collection. */
export interface CollectionTypes {
  /** As GET shows it. */
  readonly record: object;
  /** The values of a path to a record, in order. */
  readonly keys: readonly string[];
  /** The fields that are always told. */
  readonly keyFields: string;
  /** The fields that are told unless others are asked for. */
  readonly defaultFields: string;
  /** The fields that queries can be about, and what they hold. */
  readonly filters: object;
  /** What `create` answers. */
  readonly created: object | undefined;
  /** Bodies; never where there is no such verb. */
  readonly post: unknown;
  readonly patch: unknown;
  readonly parameters: {
    readonly get: object;
    readonly post: object;
    readonly patch: object;
    readonly delete: object;
  };
}

/** A collection that is not described here. */
export interface UnknownCollection extends CollectionTypes {
  readonly record: UnknownRecord;
  readonly keyFields: string;
  readonly defaultFields: string;
  readonly filters: Readonly<Record<string, FilterValue>>;
  readonly created: UnknownRecord | undefined;
  readonly post: object;
  readonly patch: object;
  readonly parameters: {
    readonly get: Parameters;
    readonly post: Parameters;
    readonly patch: Parameters;
    readonly delete: Parameters;
  };
}

/** What is known of a resource that is one record. */
export interface SingletonTypes {
  readonly record: object;
  readonly patch: unknown;
  readonly parameters: { readonly patch: object };
}

/** A resource of one record that is not described here. */
export interface UnknownSingleton extends SingletonTypes {
  readonly record: UnknownRecord;
  readonly patch: object;
  readonly parameters: { readonly patch: Parameters };
}

/** A verb without parameters of its own. */
export type NoParameters = Readonly<Record<string, never>>;
