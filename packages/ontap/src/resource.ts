/**
 * Resource descriptors: the only schema (decision 8). A descriptor names each wire field, its type, how to read it
 * from a row and where it may be written. Routing, parsing, projection, filters, OpenAPI and reference pages come
 * from it. Nothing here knows IPsec.
 */
import type { ErrorCode } from './error-codes.ts';
import type { ApiFailure, ApiProblem } from './errors.ts';
import type { Release } from './release.ts';

export type { Release } from './release.ts';

/** What a field holds; decides how it is read from text, compared, sorted and printed. */
export type FieldType =
  | 'string'
  | 'integer'
  | 'boolean'
  | 'datetime'
  /** An IP address: compares and orders as a number, renders compressed (RFC 5952). */
  | 'address'
  /** 64-bit counter kept as bigint, rendered as a JSON number. */
  | 'counter'
  /** Text holding a number or a range of numbers (`201-201`, `24`): compares and orders by its bounds. */
  | 'range'
  /** A JSON value that is no scalar, as text inside; what it means the resource itself reads. */
  | 'json'
  /** A word of the CLI: taken in either case, with hyphens or underscores; lower-case with underscores inside. */
  | 'keyword'
  /** An array of strings. */
  | 'strings';

/** A field's value inside; `undefined` is unset. */
export type FieldValue = string | number | boolean | bigint | readonly string[] | undefined;

/** The case of letters: hexadecimal digits may be written in either. */
export type LetterCase = 'lower' | 'upper';

/** One leaf field. Its dotted wire name is the key in `fields`, e.g. `local_endpoint.address`. */
export interface Field<Row> {
  readonly type: FieldType;
  /** One sentence for the reference page and OpenAPI. */
  readonly description: string;
  /** First release that knows it. */
  readonly since?: Release;
  /** Last release that knows it. */
  readonly until?: Release;
  /** First release that takes it as a filter, where that is later than `since`. */
  readonly filterSince?: Release;
  /**
   * Reads the value; `undefined` is unset and is omitted. Absent for write-only fields: they cannot be projected,
   * filtered by or sorted by, and their values are never quoted in a message.
   * (Method syntax, so that descriptors of different rows fit in one list: a row only meets its own descriptor.)
   */
  get?(row: Row): FieldValue;
  /** Always in a collection record even without `fields` (keys, names, scope). */
  readonly isDefault?: boolean;
  /** Bodies that may carry it; a known field in another body is 262196. */
  readonly writable?: readonly ('post' | 'patch')[];
  readonly enum?: readonly string[];
  /** What the objects of a `json` field have in them. */
  readonly members?: Readonly<Record<string, 'string' | 'strings'>>;
  /**
   * A POST without it is refused, whatever else it says; with `object`, one without any member of the object that it is in. For
   * the description of the API, the resource itself refuses.
   */
  readonly isRequired?: boolean | 'object';
  /**
   * The form in which the field is printed of a text that a body would take for the same value (`tcp` of `6`), so that a
   * filter finds what was written in that spelling; other texts as they are.
   */
  canonical?(text: string): string;
  /** The one case in which its letters are printed: filters are folded to it, wildcards and all. */
  readonly letterCase?: LetterCase;
  readonly example?: FieldValue;
  /** Other names accepted in queries, never rendered (e.g. `ipsec.inbound.offloaded_bytes`). */
  readonly aliases?: readonly string[];
  /**
   * Its texts are long codes that nobody reads (PEM): no account that is kept of a request quotes them, because a secret among
   * them would not be noticed.
   */
  readonly isOpaque?: true;
  /** Not usable as a filter: secrets, and numbers that are texts. */
  readonly notFilterable?: boolean;
  /**
   * The resource reads a body's text itself: its own codes say more than "not of this type", or it looks at the rest
   * too.
   */
  readonly isReadByResource?: boolean;
}

/** Who asks. `svmUuid` is set for SVM-scoped accounts and for tunnelled requests; rows of others do not exist then. */
export interface Principal {
  readonly account: string;
  readonly role: string;
  readonly svmUuid?: string;
  /** The account itself belongs to that SVM; without it an administrator narrowed the request to it. */
  readonly isOfSvm?: true;
}

/** The verbs of the API. HEAD and OPTIONS go with GET. */
export type AccessVerb = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** A parsed body: flat, dotted names, values already of the field's type; `null` is an explicit unset. */
export type ParsedBody = ReadonlyMap<string, FieldValue | null>;

/** What a write may want to know besides the body. */
export interface WriteContext {
  readonly principal: Principal;
  /** Extension parameters the descriptor declared (`force`, `overlap`), already parsed. */
  readonly parameters: ReadonlyMap<string, string>;
  /** What stands where the resource's path has braces. */
  readonly within: readonly string[];
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  readonly signal: AbortSignal;
  /**
   * Why a record at this revision must not be changed, as the request has it; absent where it does not mind which. A write
   * asks of the very revision that its commit holds, and again for each attempt: so nothing comes between.
   */
  readonly unmet?: (revision: number | undefined) => ApiFailure | undefined;
}

/** The new record's key (of a table: its `tableKey`) and the revision it was made at, or why there is none. */
export type CreateResult =
  | { readonly kind: 'created'; readonly key: string; readonly revision?: number }
  | ApiFailure;
/** Whether the record was changed, and the revision which that made. */
export type ModifyResult = { readonly kind: 'modified'; readonly revision?: number } | ApiFailure;
/** Whether the record is gone. */
export type DeleteResult = { readonly kind: 'deleted' } | ApiFailure;

/**
 * Rows at one instant, however many turns of the event loop it takes to read them. `warning` goes to the collection's
 * `error` member; `observedAtMs` tells a reading's age.
 */
export interface Rows<Row> {
  readonly kind: 'rows';
  readonly rows: Iterable<Row>;
  readonly warning?: ApiProblem;
  readonly observedAtMs?: number;
  /** The rows come in ascending order of their key: a page in key order stops reading as soon as it is full. */
  readonly inKeyOrder?: boolean;
  /** The rows behind that key, for rows in key order that can be begun with in the middle. */
  after?(key: string): Iterable<Row>;
  /** How many rows there are, where that is known without a walk. */
  readonly count?: number;
}

/**
 * Rows that are read bit by bit from where reading takes time, in the order of the resource's one key; there may be more than
 * memory holds. Rows that come after the first was read are not among them. What cannot be read throws a FailureError.
 */
export interface RowsInTurns<Row> {
  readonly kind: 'rows-in-turns';
  /** The rows behind the key `after` in ascending order, or in descending order those before it; without it all of them. */
  read(from: {
    readonly after?: number | string;
    readonly isDescending: boolean;
  }): AsyncIterable<Iterable<Row>>;
  /** How many rows there are, where that is known without a walk. */
  count?(): Promise<number>;
}

/** A query parameter of ours beyond ONTAP's generic ones; on GET it reaches `list`, else the write. */
export interface ExtensionParameter {
  readonly name: string;
  readonly methods: readonly ('GET' | 'POST' | 'PATCH' | 'DELETE')[];
  /** A boolean arrives as `true` or `false` whatever its spelling, and anything else is refused; else text as it came. */
  readonly type?: 'boolean';
  readonly description: string;
  /** For the description of the API only; the resource itself refuses a call without it. */
  readonly isRequired?: boolean;
  readonly example?: string;
}

/** Requests and an answer of our own: the description of the API shows them, and a test sends them. */
export interface Examples {
  /** Body of a POST to a fresh server. */
  readonly post?: Readonly<Record<string, unknown>>;
  /** Body of a PATCH of the record that `post` made, or of the singleton. */
  readonly patch?: Readonly<Record<string, unknown>>;
  /** What a record shows where the fields' own examples do not belong together; `undefined` is unset. */
  readonly record?: Readonly<Record<string, FieldValue>>;
}

/** References to other resources: field prefix (e.g. `svm`) → href (from `/api/` on) of the row's `svm`, for `_links`. */
export type Links<Row> = Readonly<Record<string, { href(row: Row): string | undefined }['href']>>;

interface ResourceBase<Row> {
  /**
   * Below `/api`, without trailing slash: `/security/ipsec/policies`. What is in braces stands for any element: of an action,
   * `{uuid}` is its record; of a collection, `{owner.uuid}` is one of the fields that its key begins with.
   */
  readonly path: string;
  readonly title: string;
  /** First and last release that know the path. */
  readonly since?: Release;
  readonly until?: Release;
  readonly fields: Readonly<Record<string, Field<Row>>>;
  readonly links?: Links<Row>;
  /**
   * The objects that everything shown of a row is read from, the first of them its own: as long as they are the same
   * objects, so is the record, and it is printed only once. Absent where a record may change by itself.
   */
  madeOf?(row: Row): readonly unknown[];
  /**
   * The revision of the row's own document, which every change of it raises: its instance has an entity tag for each. It says nothing of
   * other records' names in it, nor of what is observed. Absent where rows are not stored.
   */
  revision?(row: Row): number;
  readonly parameters?: readonly ExtensionParameter[];
  readonly examples?: Examples;
  /** What the resource's own functions answer beside the dialect's codes, by verb; for the description of the API. */
  readonly errors?: Readonly<Partial<Record<'GET' | 'POST' | 'PATCH' | 'DELETE', readonly ErrorCode[]>>>;
  /**
   * It shows a CLI command, as ONTAP's private passthrough does: fields that are no keys come only when `fields` names
   * them (`*` does not), and their names are taken with hyphens too.
   */
  readonly isCli?: boolean;
  /** What accounts that belong to an SVM may do with what is their SVM's; nothing unless it is said. */
  readonly svmAccess?: readonly AccessVerb[];
  /** What an account of any role may do with what is its own: where only that lets a request in, nothing else is there for it. */
  readonly ownAccess?: OwnAccess<Row>;
}

/** Verbs that are everybody's on rows of their own, whatever their role says. */
export interface OwnAccess<Row> {
  readonly verbs: readonly AccessVerb[];
  isOwn(row: Row, principal: Principal): boolean;
}

interface RowsResource<Row> extends ResourceBase<Row> {
  /** `parameters` are the extension parameters of a GET; `within` stands where the path has braces. */
  list(
    principal: Principal,
    parameters: ReadonlyMap<string, string>,
    within: readonly string[],
  ): Rows<Row> | RowsInTurns<Row> | ApiFailure;
  create?(body: ParsedBody, context: WriteContext): Promise<CreateResult>;
  modify?(row: Row, body: ParsedBody, context: WriteContext): Promise<ModifyResult>;
  remove?(row: Row, context: WriteContext): Promise<DeleteResult>;
}

/** Many records under one path, each at `path/{key}`. A verb exists when its function does. */
export interface CollectionResource<Row> extends RowsResource<Row> {
  readonly kind: 'collection';
  /**
   * The field that is the last path element (`uuid`), or those that are the last ones, in their order: then a key is
   * their texts with slashes between, and none but the last may have one. Fields in braces of `path` come first.
   */
  readonly key: string | readonly [string, string, ...string[]];
  /** One row by key, O(1); `undefined` becomes 404 code 4, or what `missing` says. */
  find(key: string, principal: Principal): Row | undefined | ApiFailure;
  /** What a request of `method` is told of a key that no record has, where it is not code 4. */
  missing?(key: string, principal: Principal, method: string): ApiFailure | undefined;
}

/** Many records under one path that several fields together tell apart: none has a path, a query selects them. */
export interface TableResource<Row> extends RowsResource<Row> {
  readonly kind: 'table';
  /** The fields that tell records apart; always shown, and the order of the records. */
  readonly keys: readonly string[];
}

/** One record without a key: `/security/ipsec`, `/cluster`. */
export interface SingletonResource<Row> extends ResourceBase<Row> {
  readonly kind: 'singleton';
  read(principal: Principal): Row | ApiFailure;
  modify?(row: Row, body: ParsedBody, context: WriteContext): Promise<ModifyResult>;
}

/** What came of an action, or why nothing was done. */
export type ActionResult<Row> = { readonly kind: 'done'; readonly row: Row } | ApiFailure;

/**
 * A POST that does something and answers what came of it. Where it is about one record of a collection, its `path` is
 * that of the record, the key in braces, and the action's name: `/security/certificates/{uuid}/sign`.
 */
export interface ActionResource<Row> extends ResourceBase<Row> {
  readonly kind: 'action';
  /** `key` is any text, empty without braces: a record that is not there for the principal is the action's to refuse. */
  run(key: string, body: ParsedBody, context: WriteContext): Promise<ActionResult<Row>>;
  /** It has no other verb. */
  readonly create?: never;
  readonly modify?: never;
  readonly remove?: never;
}

/** Anything the API serves. */
export type Resource<Row> =
  | CollectionResource<Row>
  | TableResource<Row>
  | SingletonResource<Row>
  | ActionResource<Row>;
