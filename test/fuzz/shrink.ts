import type { FuzzRequest } from './fuzz-request.ts';

/** Tries at most so many smaller requests. */
const mostAttempts = 300;

/** Leaves out of a request what it does not need to fail; `fails` sends it once more. */
export async function shrink(
  request: FuzzRequest,
  fails: (candidate: FuzzRequest) => Promise<boolean>,
): Promise<FuzzRequest> {
  let smallest = request;
  let attempts = 0;
  for (let hasShrunk = true; hasShrunk; ) {
    hasShrunk = false;
    for (const candidate of smaller(smallest)) {
      attempts += 1;
      if (attempts > mostAttempts) return smallest;
      if (!(await fails(candidate))) continue;
      smallest = candidate;
      hasShrunk = true;
      break;
    }
  }
  return smallest;
}

/** Smaller requests, those that lose most first. */
function* smaller(request: FuzzRequest): Iterable<FuzzRequest> {
  const { parameters, headers, body, chunkBytes } = request;
  if (body !== undefined) yield { ...request, body: undefined, chunkBytes: undefined };
  if (parameters.length > 1) yield { ...request, parameters: [] };
  if (headers.length > 1) yield { ...request, headers: [] };
  if (chunkBytes !== undefined) yield { ...request, chunkBytes: undefined };
  for (const index of parameters.keys()) yield { ...request, parameters: parameters.toSpliced(index, 1) };
  for (const index of headers.keys()) yield { ...request, headers: headers.toSpliced(index, 1) };
  for (const index of parameters.keys()) {
    const text = parameters[index] ?? '';
    for (const part of shorter(text)) yield { ...request, parameters: parameters.with(index, part) };
  }
  if (body === undefined) return;
  for (const part of shorter(Buffer.from(body).toString('latin1')))
    yield { ...request, body: Buffer.from(part, 'latin1') };
}

/** The text without its halves, quarters, …, characters. */
function* shorter(text: string): Iterable<string> {
  for (let size = Math.ceil(text.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < text.length; start += size)
      yield text.slice(0, start) + text.slice(start + size);
  }
}
