/** The environment that names a proxy, as other programs read it: `HTTPS_PROXY`, `NO_PROXY`; in lower case they go first. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

/** Where to, and for how long it is tried. */
export interface Destination {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Names the proxy to go through, if any. */
  readonly proxyEnv?: ProxyEnvironment | undefined;
}
