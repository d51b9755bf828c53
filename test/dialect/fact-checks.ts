import { checkCommand, checkDoc, checkEndpoint } from './endpoint-checks.ts';
import { checkError, checkExampleError, checkHeader, checkMember, checkStatus } from './envelope-checks.ts';
import { checkParameter } from './parameter-checks.ts';
import { checkExampleResponse, checkField, checkFilter, checkPath } from './reading-checks.ts';
import type { FactKind, SeedFact } from './seed-facts.ts';
import type { World } from './world.ts';
import { checkBody, checkCode, checkExampleRequest } from './writing-checks.ts';

/** What holds each kind of fact against a running server. */
export const factChecks: Readonly<Record<FactKind, (fact: SeedFact, world: World) => Promise<void>>> = {
  endpoint: checkEndpoint,
  command: checkCommand,
  doc: checkDoc,
  path: checkPath,
  query: checkParameter,
  filter: checkFilter,
  status: checkStatus,
  header: checkHeader,
  member: checkMember,
  field: checkField,
  body: checkBody,
  code: checkCode,
  error: checkError,
  'example-request': checkExampleRequest,
  'example-response': checkExampleResponse,
  'example-error': checkExampleError,
};
