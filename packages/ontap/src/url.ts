/** A request's target, taken apart but not yet understood. */
export interface RequestTarget {
  /** Decoded path elements after `/api`; doubled and trailing slashes make none. */
  readonly elements: readonly string[];
  /** The path with single slashes, still encoded, as links repeat it. */
  readonly path: string;
  /** The query exactly as received, without `?`. */
  readonly rawQuery: string;
  readonly parameters: readonly QueryParameter[];
}

/** One `key=value`, decoded; split at the first `=`. */
export interface QueryParameter {
  readonly name: string;
  /** undefined when there was no `=`. */
  readonly value: string | undefined;
  /** As received. */
  readonly raw: string;
}

/** Takes a URL apart; undefined when a percent-encoding in it is broken. */
export function parseTarget(url: string): RequestTarget | undefined {
  const queryStart = url.indexOf('?');
  const rawPath = queryStart < 0 ? url : url.slice(0, queryStart);
  const rawQuery = queryStart < 0 ? '' : url.slice(queryStart + 1);
  const rawElements = rawPath.split('/').filter((element) => element !== '');
  try {
    return {
      elements: rawElements.map(decodeURIComponent),
      path: `/${rawElements.join('/')}`,
      rawQuery,
      parameters: rawQuery
        .split('&')
        .filter((raw) => raw !== '')
        .map(parseParameter),
    };
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

/** The link to the page after `token`: the same path and all original parameters, with the token as `start`. */
export function nextHref(target: RequestTarget, token: string): string {
  const kept = target.parameters.filter(({ name }) => name !== 'start').map(({ raw }) => raw);
  return `${target.path}?${[...kept, `start=${token}`].join('&')}`;
}

/** The path of one record, its key of that many elements percent-encoded; the first of them go where the path has braces. */
export function recordHref(resourcePath: string, key: string, elements = 1): string {
  const texts = splitKey(key, elements).map((each) => encodeURIComponent(each.toWellFormed()));
  const place = resourcePath.replace(/\{[^}]*\}/g, () => texts.shift() ?? '');
  return ['/api', place, ...texts.map((text) => `/${text}`)].join('');
}

/** The elements of a key; slashes beyond so many belong to the last. */
function splitKey(key: string, elements: number): readonly string[] {
  const parts = key.split('/');
  return [...parts.slice(0, elements - 1), parts.slice(elements - 1).join('/')];
}

function parseParameter(raw: string): QueryParameter {
  const equals = raw.indexOf('=');
  if (equals < 0) return { name: decodeComponent(raw), value: undefined, raw };
  return {
    name: decodeComponent(raw.slice(0, equals)),
    value: decodeComponent(raw.slice(equals + 1)),
    raw,
  };
}

/** Query components follow the form encoding that ONTAP's clients use: `+` is a space. */
function decodeComponent(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
