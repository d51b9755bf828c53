import {
  type ApiProblem,
  type ExtensionParameter,
  genericErrors,
  type ParsedBody,
  problem,
  type WriteContext,
} from '@esplanade/ontap';
import { textOf } from './body-reader.ts';

const name = 'overlap';
const defaultSeconds = 3_600;
/** A week: a key that is meant to be gone should not be forgotten. */
const mostSeconds = 604_800;

/** The extension parameter of a PATCH that brings another key. */
export const overlapParameter: ExtensionParameter = {
  name,
  methods: ['PATCH'],
  description: `With a new secret_key: how many seconds the former key stays acceptable, so that the other end can follow. ${defaultSeconds} if not given, 0 for not at all, ${mostSeconds} at most.`,
};

/** The overlap in seconds. What is no whole number, too long, or without a new key to be about, is a problem. */
export function overlapOf(
  { parameters }: WriteContext,
  body: ParsedBody,
): { readonly seconds: number; readonly problems: readonly ApiProblem[] } {
  const text = parameters.get(name);
  if (text === undefined) return { seconds: defaultSeconds, problems: [] };
  const seconds = Number(text);
  const isDuration = /^\d{1,6}$/.test(text) && seconds <= mostSeconds;
  if (isDuration && textOf(body, 'secret_key') !== undefined) return { seconds, problems: [] };
  const expected = isDuration
    ? 'none without a new secret_key, which it is about'
    : `whole seconds from 0 to ${mostSeconds}`;
  return {
    seconds: 0,
    problems: [problem(genericErrors.invalidValue, { value: text, field: name, expected }, name)],
  };
}
