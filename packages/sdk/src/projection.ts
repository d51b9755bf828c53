/** The names of a record's fields, dotted, and of the objects they are in. */
export type FieldPath<R> = string extends keyof R
  ? string
  : {
      [K in keyof R & string]-?:
        | K
        | (NonNullable<R[K]> extends readonly unknown[]
            ? never
            : NonNullable<R[K]> extends object
              ? `${K}.${FieldPath<NonNullable<R[K]>>}`
              : never);
    }[keyof R & string];

type Head<P extends string> = P extends `${infer H}.${string}` ? H : P;
type Tail<P extends string, K extends string> = P extends `${K}.${infer T}` ? T : never;

/** A record with those members only that were asked for; `*` is all of them. */
export type Projection<R, P extends string> = string extends keyof R
  ? R
  : '*' extends P
    ? R
    : {
        [K in keyof R as K extends Head<P> ? K : never]: K extends P
          ? R[K]
          : Projection<NonNullable<R[K]>, Tail<P, K & string>>;
      };
