import type { KernelPolicy, KernelState } from './xfrm-text.ts';

/**
 * What is said on the kernel reader's socket: a JSON value per line in both directions. The client asks, and is answered
 * in the order it asked, in parts that neither end takes long over; besides, the reader says what has changed. It can be
 * asked for nothing else.
 */
export type KernelTable = 'policies' | 'states';

/** Client to reader: what does the kernel hold now? */
export interface KernelQuestion {
  readonly read: KernelTable;
}

/** Reader to client. */
export type KernelAnswer =
  | { readonly policies: readonly KernelPolicy[]; readonly more: boolean }
  | { readonly states: readonly KernelState[]; readonly more: boolean }
  /** It could not be read; a sentence. */
  | { readonly error: string }
  /** Something was deleted, replaced or flushed, by whomever; told once for what happens within 100 ms. */
  | { readonly changed: KernelTable };

/** The question of a line; undefined when it is none. */
export function parseQuestion(line: string): KernelQuestion | undefined {
  const read = fieldsOf(line).get('read');
  return read === 'policies' || read === 'states' ? { read } : undefined;
}

/** The answer of a line from a reader, who is trusted for its shape. Throws TypeError when it is none. */
export function parseAnswer(line: string): KernelAnswer {
  const fields = fieldsOf(line);
  if (!['policies', 'states', 'error', 'changed'].some((name) => fields.has(name)))
    throw new TypeError('this is no answer of a kernel reader');
  return JSON.parse(line);
}

function fieldsOf(line: string): ReadonlyMap<string, unknown> {
  try {
    return new Map(Object.entries(JSON.parse(line)));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return new Map();
    throw error;
  }
}
