/** An object of nested members from dotted names. */
export function nested(members: Iterable<readonly [field: string, value: unknown]>): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const [field, value] of members) {
    const path = field.split('.');
    const last = path.pop() ?? field;
    let place = body;
    for (const name of path) {
      const inner = place[name];
      const next: Record<string, unknown> = isObject(inner) ? inner : {};
      place[name] = next;
      place = next;
    }
    place[last] = value;
  }
  return body;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
