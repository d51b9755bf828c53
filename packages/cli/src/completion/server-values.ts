import { type Api, conditionText } from '@esplanade/sdk';
import { printable } from '../output/printable.ts';
import { exactText, member } from '../output/value-text.ts';
import type { Candidate, ValueQuestion } from './complete.ts';

/** More than anybody reads; what comes back is bounded by this, however many records there are. */
const mostValues = 200;

/**
 * Values that begin with `prefix`, from the server, at most {@link mostValues} in their order and the last of all: what
 * shells complete to is what all have in common, and that the first and the last tell.
 */
export async function serverValues(
  api: Api,
  { source, prefix, fields, isQuery }: ValueQuestion,
): Promise<readonly Candidate[]> {
  const { path, field, label } = source;
  const read = async (direction: 'asc' | 'desc', most: number): Promise<readonly Candidate[]> => {
    const all = api.collection(path).fields(field, ...(label === undefined ? [] : [label]));
    const beginning = prefix === '' ? all : all.where(field, 'like', `${prefix}*`);
    const fitting = fields.reduce(
      (query, other) =>
        other.isQuery ? query.query(other.field, other.value) : query.where(other.field, '=', other.value),
      beginning,
    );
    const found: Candidate[] = [];
    for await (const record of fitting.orderBy(field, direction).pageSize(most)) {
      const value = exactText(member(record, field));
      const description = label === undefined ? '' : printable(exactText(member(record, label)));
      const written = isQuery ? conditionText('=', value) : value;
      if (value !== '')
        found.push({
          value: written,
          ...(written !== value && { meaning: value }),
          ...(description !== '' && { description }),
        });
      if (found.length >= most) break;
    }
    return found;
  };
  const first = await read('asc', mostValues);
  return first.length < mostValues ? first : [...first, ...(await read('desc', 1))];
}
