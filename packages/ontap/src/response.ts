import type { ApiResponse } from './api.ts';
import type { InRelease } from './codes-of-release.ts';
import type { StatusOf } from './error-status.ts';
import { type ApiFailure, errorMember } from './errors.ts';
import { jsonLayout, printJson } from './json-text.ts';

/** How the client wants its answers written. */
export interface ResponseForm {
  /** `_links` everywhere; only `Accept: application/json` goes without (`next` excepted). */
  readonly hasLinks: boolean;
  readonly isPretty: boolean;
  readonly statusOf: StatusOf;
  readonly inRelease: InRelease;
}

/** Whether an `Accept` header asks for links: all but `application/json` alone do, its parameters aside. */
export function wantsLinks(accept = ''): boolean {
  return accept
    .split(',')
    .some((range) => range.split(';', 1)[0]?.trim().toLowerCase() !== 'application/json');
}

/** A response with a JSON body. */
export function jsonResponse(
  form: ResponseForm,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): ApiResponse {
  return {
    status,
    headers: { 'content-type': form.hasLinks ? 'application/hal+json' : 'application/json', ...headers },
    body: `${printJson(body, jsonLayout(form.isPretty))}\n`,
  };
}

/** The one place where a failure becomes a response; `members` stand beside `error` where something was done already. */
export function failureResponse(
  form: ResponseForm,
  failure: ApiFailure,
  members: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): ApiResponse {
  const told = form.inRelease(failure);
  const response = jsonResponse(
    form,
    form.statusOf(failure),
    { ...members, error: errorMember(told) },
    headers,
  );
  return { ...response, failure: told };
}

/** The header that repeats a body's `next` link; characters that would end it or the header are percent-encoded. */
export function nextLinkHeader(href: string): Readonly<Record<string, string>> {
  const safe = href.toWellFormed().replace(/[^\x21-\x7e]|[<>"]/gu, encodeURIComponent);
  return { link: `<${safe}>; rel="next"` };
}

/** The header that tells a record's tag; none for a record that has none. */
export function tagHeader(tag: string | undefined): Readonly<Record<string, string>> {
  return tag === undefined ? {} : { etag: tag };
}
