import type { Arguments, Example, Parameter, ParameterValue, ValueSource } from '../command.ts';
import type { Column } from '../output/column.ts';

/** A field of a directory's records: a column, a query of `show`, and a parameter of the verbs that take it. */
export interface DirectoryField extends Column {
  readonly value: ParameterValue;
  /** One line, without a full stop. */
  readonly help: string;
  /** Keys come first, may be given as bare words, and select in `modify` and `delete`. */
  readonly isKey?: boolean;
  /** What queries are about, where that is not the `field`: a member of the objects in an array. */
  readonly queryField?: string;
  /**
   * The SVM that records belong to, which those of the cluster have not: people read and give the name of the cluster there,
   * and `create` sends `scope` instead.
   */
  readonly isOwner?: boolean;
  /** The name of an SVM itself. That of the cluster, which `vserver show` lists too, is none. */
  readonly isSvm?: boolean;
  /** Selects in `modify` as keys do. */
  readonly isSelector?: boolean;
  /** Whether `create` takes it, and cannot do without. */
  readonly create?: 'required' | 'optional';
  readonly isModifiable?: boolean;
  /** Never answered, so neither shown nor queried: secrets. */
  readonly isWriteOnly?: boolean;
  /** What is sent for a text; where there is none, as `value` says: a number, true or false, an array, the text. */
  readonly toWire?: (text: string) => unknown;
  /** Sent beside the body, as a parameter of the request; a switch only where it is true. */
  readonly isParameter?: boolean;
  /** Of such a parameter: whether `delete` takes it too. */
  readonly isForDelete?: boolean;
  /** Of a secret: whether `create` asks for it where it was not given, by what was given. */
  readonly isAskedFor?: (given: Arguments) => boolean;
  /** What `create` does without it, for people. */
  readonly fallback?: string;
  readonly source?: ValueSource;
  /** What a parameter has under this name. */
  readonly mistaken?: string;
}

/** What help says of one verb, beside the summary that the table of commands has. */
export interface VerbText {
  readonly description: readonly string[];
  readonly examples: readonly Example[];
}

/** ONTAP's command directory over a collection of the API: what `show`, `create`, `modify` and `delete` are made of. */
export interface Directory {
  /** `['security', 'ipsec', 'policy']`. */
  readonly words: readonly string[];
  /** One record in a sentence, and several: `['policy', 'policies']`. */
  readonly noun: readonly [string, string];
  /** The collection, as the SDK has it. */
  readonly path: string;
  /**
   * The members of a record that its own path ends in; its `uuid` where this is not given. Records of the private CLI, and
   * those that have no such member, are named by a query for their keys.
   */
  readonly pathKeys?: readonly string[];
  readonly fields: readonly DirectoryField[];
  /** What `show` must or may be told besides queries: parameters of the request, named by their targets. */
  readonly asks?: readonly Parameter[];
  /** Of the verbs that there are. */
  readonly verbs: Readonly<Partial<Record<'show' | 'create' | 'modify' | 'delete', VerbText>>>;
}
