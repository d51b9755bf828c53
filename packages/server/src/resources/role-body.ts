import { type AccessLevel, accessLevels, type Privilege } from '@esplanade/desired';
import {
  type ApiFailure,
  type ApiProblem,
  compareReleases,
  failure,
  failureOf,
  genericErrors,
  isFailure,
  isKnownIn,
  type ParsedBody,
  problem,
  type Release,
  type Resource,
} from '@esplanade/ontap';
import { knownPath } from '../privilege-path.ts';
import { textOf } from './body-reader.ts';
import { missing } from './named-record.ts';
import { roleErrors } from './role-error-codes.ts';
import { joinedFailure } from './write-failure.ts';

/** Each is looked at with every request of an account that has the role. */
const mostPrivileges = 128;
const longestPath = 512;

/** What privileges may say: the paths there are, in the emulated release. */
export interface PrivilegeTerms {
  readonly resources: readonly Resource<unknown>[];
  /** Paths beside the API's. */
  readonly others: readonly string[];
  readonly release: Release;
}

/** The name of a new role. As those of accounts it is whole in a path. */
export function roleName(text: string): string | ApiFailure {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}$/.test(text)) return text;
  const expected =
    '1 to 64 letters, digits, dots, dashes, underscores or @, beginning with a letter, a digit or an underscore';
  return failure(genericErrors.invalidValue, { value: text, field: 'name', expected }, 'name');
}

/** Reads the field `privileges` of a body: at least one, no two of one path. */
export function readPrivileges(body: ParsedBody, terms: PrivilegeTerms): readonly Privilege[] | ApiFailure {
  const text = textOf(body, 'privileges');
  if (text === undefined) return missing('privileges');
  const given: unknown = JSON.parse(text);
  const objects: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (objects.length === 0 || objects.length > mostPrivileges)
    return privilegesInvalid(`1 to ${mostPrivileges} objects with path and access`);
  const read = objects.map((each) => {
    const { path, access, query, _links, ...others } = Object(each);
    const isText = [path, access, query].every((value) => value === undefined || typeof value === 'string');
    if (!isText || Object.keys(others).length > 0)
      return privilegesInvalid('objects with path and access, texts');
    return path === undefined
      ? missing('privileges.path')
      : readPrivilege({ path, access, query }, terms, 'privileges.');
  });
  const privileges = read.flatMap((each) => (isFailure(each) ? [] : [each]));
  if (privileges.length < read.length) return joinedFailure(...read);
  const twice = privileges.find(({ path }, at) => privileges.findIndex((each) => each.path === path) < at);
  if (twice !== undefined) return failure(genericErrors.duplicateEntry, {}, 'privileges.path');
  return [...privileges].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Reads one privilege; without `access` it is `all`, as in ONTAP's commands. */
export function readPrivilege(
  { path, access = 'all', query }: Readonly<Record<'path' | 'access' | 'query', string | undefined>>,
  terms: PrivilegeTerms,
  prefix = '',
): Privilege | ApiFailure {
  const known = readPath(path ?? '', terms);
  const level = readAccess(access, terms.release);
  const problems: ApiProblem[] = [];
  if (typeof known !== 'string') problems.push({ ...known, target: `${prefix}path` });
  if (typeof level !== 'string') problems.push({ ...level, target: `${prefix}access` });
  if (query !== undefined && query !== '')
    problems.push(problem(roleErrors.queryRefused, {}, `${prefix}query`));
  if (typeof known === 'string' && typeof level === 'string' && problems.length === 0)
    return { path: known, access: level };
  return failureOf(problems) ?? privilegesInvalid('path and access');
}

/** The levels that the release knows. */
export function accessLevelsIn(release: Release): readonly AccessLevel[] {
  const isOld = compareReleases(release, '9.11.1') < 0;
  return accessLevels.filter((level) => !isOld || ['none', 'readonly', 'all'].includes(level));
}

function readAccess(text: string, release: Release): AccessLevel | ApiProblem {
  const levels = accessLevelsIn(release);
  const level = levels.find((each) => each === text);
  return level ?? problem(roleErrors.accessInvalid, { access: text, levels: levels.join(', ') });
}

function readPath(path: string, { resources, others, release }: PrivilegeTerms): string | ApiProblem {
  const known = resources.filter((resource) => isKnownIn(release, resource));
  const found = path.length > longestPath ? undefined : knownPath(path, known, others);
  if (found !== undefined) return found;
  const shown = path.slice(0, longestPath);
  return path.startsWith('/')
    ? problem(roleErrors.pathUnknown, { path: shown })
    : problem(roleErrors.pathInvalid, { path: shown });
}

function privilegesInvalid(expected: string): ApiFailure {
  return failure(genericErrors.invalidSecretValue, { field: 'privileges', expected }, 'privileges');
}
