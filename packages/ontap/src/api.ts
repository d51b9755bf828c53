import type { ApiFailure } from './errors.ts';
import type { Principal } from './resource.ts';

/** An HTTP request as the dialect sees it; no framework type crosses this line. */
export interface ApiRequest {
  readonly method: string;
  /** Path and query exactly as received, starting with `/api`. */
  readonly url: string;
  readonly accept?: string | undefined;
  /** `X-Dot-SVM-Name` / `X-Dot-SVM-UUID`, when sent. */
  readonly tunnelSvmName?: string | undefined;
  readonly tunnelSvmUuid?: string | undefined;
  /** `If-Match` and `If-None-Match`, when sent. */
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  /** Body bytes; empty when none. */
  readonly body: Uint8Array;
  readonly principal: Principal;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly signal: AbortSignal;
}

/** What to send back; header names are lower case. */
export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Body text; empty for HEAD and of a 304, which has no length either. */
  readonly body: string;
  /** The template of the path (`/api/security/ipsec/policies/{uuid}`), where it is one of the API's. Not sent. */
  readonly route?: string;
  /** What the body's `error` was made of, where there is one. Not sent. */
  readonly failure?: ApiFailure;
}
