import type { ApiResponse } from './api.ts';
import { readBody } from './body.ts';
import { type Call, fail, rendererOf } from './call.ts';
import { failureOf, isFailure } from './errors.ts';
import { parseJsonBody } from './json-body.ts';
import type { ActionResource } from './resource.ts';
import { jsonResponse } from './response.ts';
import { writeContext } from './write.ts';

/** POST on an action: what came of it is the whole answer, whether records were asked for or not. */
export async function runAction(call: Call, resource: ActionResource<unknown>): Promise<ApiResponse> {
  const { schema, key = '', form } = call;
  const json = parseJsonBody(call.request.body);
  if (json.kind === 'invalid') return fail(call, { kind: 'failure', problems: [json.problem] });
  const { body, problems } = readBody(json.value, schema, 'post');
  const refused = failureOf(problems);
  if (refused !== undefined) return fail(call, refused);
  const result = await resource.run(key, body, writeContext(call));
  if (isFailure(result)) return fail(call, result);
  return jsonResponse(form, 200, rendererOf(call, 'instance', 0)(result.row));
}
