import type { Principal } from './resource.ts';

/** An HTTP request as the dialect sees it; no framework type crosses this line. */
export interface ApiRequest {
  readonly method: string;
  /** Path and query exactly as received, starting with `/api`. */
  readonly url: string;
  readonly accept?: string;
  /** `X-Dot-SVM-Name` / `X-Dot-SVM-UUID`, when sent. */
  readonly tunnelSvmName?: string;
  readonly tunnelSvmUuid?: string;
  /** Body bytes; empty when none. */
  readonly body: Uint8Array;
  readonly principal: Principal;
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  readonly signal: AbortSignal;
}

/** What to send back; header names are lower case. */
export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Body text; empty for HEAD. */
  readonly body: string;
}
