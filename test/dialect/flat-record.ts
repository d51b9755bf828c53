/** What a JSON leaf may be. */
export type Leaf = string | number | boolean | null;

/** A record as its leaves by dotted name; members of arrays share the name of the array. */
export type FlatRecord = ReadonlyMap<string, Leaf>;

/** Takes a JSON value apart: `{a: {b: 1}}` is `a.b` = 1. Of an array the last member shows, which is enough for forms. */
export function flatten(value: unknown, prefix = ''): Map<string, Leaf> {
  const leaves = new Map<string, Leaf>();
  const visit = (each: unknown, name: string): void => {
    if (Array.isArray(each)) for (const member of each) visit(member, name);
    else if (isObject(each))
      for (const [member, inner] of Object.entries(each))
        visit(inner, name === '' ? member : `${name}.${member}`);
    else if (each === null || ['string', 'number', 'boolean'].includes(typeof each))
      leaves.set(name, each as Leaf);
  };
  visit(value, prefix);
  return leaves;
}

/** The part of a flat record that is the leaf `name`, or below the object of that name. */
export function below(record: FlatRecord, name: string): FlatRecord {
  return new Map([...record].filter(([leaf]) => leaf === name || leaf.startsWith(`${name}.`)));
}

/**
 * The value at a dotted name, whatever it is; of an array its first member is looked into. Undefined where there is
 * none.
 */
export function valueAt(value: unknown, name: string): unknown {
  let inner = value;
  for (const member of name.split('.')) {
    const holder = Array.isArray(inner) ? inner[0] : inner;
    inner = isObject(holder) ? holder[member] : undefined;
  }
  return inner;
}

/** The leaves of a form such as `a,b{c,d},e[{f}]`, as dotted names. */
export function leavesOf(form: string): readonly string[] {
  const names: string[] = [];
  const open: string[] = [];
  let word = '';
  const end = () => {
    if (word !== '') names.push([...open, word].join('.'));
    word = '';
  };
  for (const character of form) {
    if (character === '{') {
      open.push(word);
      word = '';
    } else if (character === ',') end();
    else if (character === '}') {
      end();
      open.pop();
    } else if (character !== '[' && character !== ']') word += character;
  }
  end();
  return names;
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
