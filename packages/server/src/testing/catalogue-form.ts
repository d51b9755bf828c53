import type { ErrorCode } from '@esplanade/ontap';

const patterns = new WeakMap<ErrorCode, RegExp>();

/**
 * Whether a sentence is the entry's, with something in place of each `{name}`, and perhaps the record it is about
 * before it.
 */
export function hasForm(message: string, entry: ErrorCode): boolean {
  const pattern = patterns.get(entry) ?? patternOf(entry);
  patterns.set(entry, pattern);
  return pattern.test(message);
}

function patternOf({ message }: ErrorCode): RegExp {
  const literal = message.split(/\{\w+\}/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^(\\S+: )?${literal.join('[^]*')}$`);
}
