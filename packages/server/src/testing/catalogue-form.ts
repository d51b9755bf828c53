import type { CatalogueEntry } from '../error-catalogue.ts';

const patterns = new WeakMap<CatalogueEntry, RegExp>();

/** Whether a sentence is the entry's, with something in place of each `{name}`, and perhaps the record it is about before it. */
export function hasForm(message: string, entry: CatalogueEntry): boolean {
  const pattern = patterns.get(entry) ?? patternOf(entry);
  patterns.set(entry, pattern);
  return pattern.test(message);
}

function patternOf({ message }: CatalogueEntry): RegExp {
  const literal = message.split(/\{\w+\}/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^(\\S+: )?${literal.join('[^]*')}$`);
}
