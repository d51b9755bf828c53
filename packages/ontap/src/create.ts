import type { ApiResponse } from './api.ts';
import { type Call, fail } from './call.ts';
import { failureOf, isFailure } from './errors.ts';
import type { CollectionResource, TableResource } from './resource.ts';
import { jsonResponse, tagHeader } from './response.ts';
import { recordHref } from './url.ts';
import {
  failuresResponse,
  oneByOne,
  placedFailure,
  readBodies,
  renderAgain,
  someFailures,
  writeContext,
} from './write.ts';

/**
 * POST: creates one record, or those in `records` one after another. Nothing is created while any body has a problem,
 * unless the request said `continue_on_failure`; what was created before a failure stays and is counted in
 * `num_records` beside `error`. Only a single record of a collection has a path to tell as `Location`.
 */
export async function createRecords(
  call: Call,
  resource: CollectionResource<unknown> | TableResource<unknown>,
): Promise<ApiResponse> {
  const bodies = readBodies(call, { single: 'post', many: 'post', manyAllowKey: false });
  if (isFailure(bodies)) return fail(call, bodies);
  const { areMany, readings } = bodies;
  const context = writeContext(call);
  const outcome = await oneByOne(call, readings.entries(), async ([index, { body, problems }]) => {
    const refused = failureOf(problems);
    if (refused !== undefined) return refused;
    if (areMany) call.onRecord?.(index);
    const result = await resource.create?.(body, context);
    if (isFailure(result)) return areMany ? placedFailure(result, `records[${index}]`) : result;
    return { done: result };
  });
  const returnsRecords = call.query.returnRecords === true;
  const members = {
    num_records: outcome.done.length,
    ...(returnsRecords
      ? {
          records: await renderAgain(
            call,
            outcome.done.map((each) => each?.key),
          ),
        }
      : {}),
  };
  const failures = someFailures(outcome);
  if (failures !== undefined) return failuresResponse(call, failures, areMany ? members : {});
  const [only] = outcome.done;
  const hasPath = resource.kind === 'collection' && !areMany;
  const headers =
    hasPath && only !== undefined
      ? {
          location: recordHref(resource.path, only.key, call.schema.keys.length),
          ...tagHeader(call.tagOf(only.revision)),
        }
      : undefined;
  return jsonResponse(call.form, 201, areMany || returnsRecords ? members : {}, headers);
}
