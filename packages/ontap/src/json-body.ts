import { genericErrors, problem } from './error-codes.ts';
import type { ApiProblem } from './errors.ts';

/** A request body before any resource has looked at it. */
export type JsonBody =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'invalid'; readonly problem: ApiProblem };

/** How many objects and arrays may stand within one another. No field needs more than a few; what writes JSON knows no end. */
const mostOpen = 64;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a body as JSON. No body is an empty object. Problems tell where, never what: the text may hold a secret, and
 * V8's own messages quote it.
 */
export function parseJsonBody(bytes: Uint8Array): JsonBody {
  let text: string;
  try {
    text = strictUtf8.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return invalid(problem(genericErrors.invalidJson, {}));
    throw error;
  }
  if (text.trim() === '') return { kind: 'json', value: {} };
  try {
    const value: unknown = JSON.parse(text);
    const deep = placeTooDeep(text);
    if (deep !== undefined) {
      const location = `character ${deep + 1}, where more than ${mostOpen} objects and arrays are open`;
      return invalid(problem(genericErrors.invalidJsonAt, { location }));
    }
    // Clients that mean "no body" also send null.
    return { kind: 'json', value: value ?? {} };
  } catch (error) {
    if (error instanceof SyntaxError) return invalid(syntaxProblem(error, text));
    throw error;
  }
}

/** Where well-formed JSON opens more than it may. */
function placeTooDeep(text: string): number | undefined {
  let open = 0;
  let isString = false;
  for (let place = 0; place < text.length; place += 1) {
    const unit = text[place];
    if (isString) {
      if (unit === '\\') place += 1;
      else if (unit === '"') isString = false;
    } else if (unit === '"') isString = true;
    else if (unit === '[' || unit === '{') {
      open += 1;
      if (open > mostOpen) return place;
    } else if (unit === ']' || unit === '}') open -= 1;
  }
  return undefined;
}

function syntaxProblem({ message }: SyntaxError, text: string): ApiProblem {
  const { length } = text.trimEnd();
  const position = /at position (\d+)(?: \(line \d+ column \d+\))?$/.exec(message)?.[1];
  if (/^(Unexpected end|Unterminated)/.test(message) || Number(position) >= length) {
    return problem(genericErrors.invalidJsonRange, { location: `${length}` });
  }
  return position === undefined
    ? problem(genericErrors.invalidJson, {})
    : problem(genericErrors.invalidJsonAt, { location: `character ${Number(position) + 1}` });
}

function invalid(problem: ApiProblem): JsonBody {
  return { kind: 'invalid', problem };
}
