import { derOfPem } from '@esplanade/domain/testing/revocation-lists';
import type { SeededRandom } from '../../robustness/seeded-random.ts';
import { mutatedDer } from '../guided/der-mutations.ts';
import type { FuzzTarget } from '../guided/fuzz-target.ts';
import { type JsonText, mutated, objectOf, writtenJson } from '../json-text.ts';
import { listOf } from '../operations.ts';
import { BodyWorld, type Places } from './body-world.ts';
import { goodAccountBodies, goodBodies } from './good-bodies.ts';
import type { TargetFamily } from './index.ts';
import { makeCredentials, pemOf } from './pki-targets.ts';

/** A body may be a megabyte; nesting and repetition show at this length. */
const mostBytes = 65_536;
const words = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '"',
  'null',
  'true',
  '""',
  '[]',
  '{}',
  '"records":',
  '"__proto__":',
  '1e400',
  '-1',
  '"\\ud800"',
  '"\\u0000"',
  '\\',
  '.',
].map((text) => Buffer.from(text));

/** Bodies of every resource, at the whole server in this process. */
export async function startBodyTargets(): Promise<TargetFamily> {
  const credentials = makeCredentials();
  const world = await BodyWorld.start(credentials);
  const target = (name: string, given: typeof goodBodies): FuzzTarget => ({
    name,
    seeds: given.map(([line, body]) => Buffer.from(`${line}\n${JSON.stringify(body)}`)),
    words,
    mostBytes,
    mutate: mutatedBody,
    run: (input) => {
      const end = input.indexOf(0x0a);
      const [method = '', url = ''] = Buffer.from(input.subarray(0, Math.max(end, 0)))
        .toString('latin1')
        .split(' ');
      // What is tried is the body; other methods and paths are for the fuzzer of the running server.
      if (!/^(POST|PATCH|DELETE)$/.test(method) || !/^\/api\/[\w/{}.?=&%-]*$/.test(url)) return 'no request';
      const text = Buffer.from(input.subarray(end + 1)).toString('latin1');
      return world.send(method, placed(url, world.places), Buffer.from(placed(text, world.places), 'latin1'));
    },
    tidy: world.furnish,
  });
  const targets: readonly FuzzTarget[] = [
    target('json-body', goodBodies),
    target('account-body', goodAccountBodies),
    {
      name: 'signing-request',
      seeds: credentials.requests.map(derOfPem),
      words: [],
      mostBytes,
      mutate: mutatedDer,
      run: (input) => {
        const body = { signing_request: pemOf('CERTIFICATE REQUEST', input) };
        return world.send(
          'POST',
          placed('/api/security/certificates/{ca}/sign', world.places),
          Buffer.from(JSON.stringify(body)),
        );
      },
    },
  ];
  return { targets, close: () => world.server.close() };
}

function placed(text: string, places: Places): string {
  return text.replaceAll(/\{\w+\}/g, (name) => places.get(name) ?? name);
}

/** One value or member changed, as far as it is JSON. */
function mutatedBody(input: Uint8Array, random: SeededRandom): Uint8Array {
  const text = Buffer.from(input).toString();
  const end = text.indexOf('\n');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.slice(end + 1));
  } catch (error) {
    if (error instanceof SyntaxError) return input;
    throw error;
  }
  let tree = treeOf(parsed, 0);
  for (let count = 1 + random.below(3); count > 0; count -= 1) tree = mutated(tree, random);
  return Buffer.from(`${text.slice(0, end + 1)}${writtenJson(tree)}`);
}

function treeOf(value: unknown, depth: number): JsonText {
  if (typeof value !== 'object' || value === null || depth > 50) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return listOf(value).map((item) => treeOf(item, depth + 1));
  return objectOf(
    Object.entries(value).map(([name, member]) => [
      JSON.stringify(name).slice(1, -1),
      treeOf(member, depth + 1),
    ]),
  );
}
