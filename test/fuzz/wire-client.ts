import { connect, type TLSSocket } from 'node:tls';

/** An answer as it came over the wire. */
export interface WireAnswer {
  readonly status: number;
  /** Names in lower case; of a repeated header the last. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  readonly tookMs: number;
}

/** What came of a request: an answer, or why there is none; `refused` when no connection could be made. */
export type Exchange =
  | { readonly kind: 'answer'; readonly answer: WireAnswer }
  | { readonly kind: 'refused' | 'closed' | 'silence' | 'unreadable'; readonly detail: string };

const separator = Buffer.from('\r\n\r\n');

/**
 * One connection over which any bytes can be sent, which no HTTP client would do. It is kept for the next request and
 * opened again when the server closed it.
 */
export class WireClient {
  readonly #port: number;
  readonly #host: string;
  readonly #certificate: string;
  readonly #deadlineMs: number;
  #socket: TLSSocket | undefined;

  constructor(url: string, certificate: string, deadlineMs: number) {
    const { hostname, port } = new URL(url);
    this.#host = hostname;
    this.#port = Number(port);
    this.#certificate = certificate;
    this.#deadlineMs = deadlineMs;
  }

  /** Sends a whole request and reads one answer. */
  async exchange(bytes: Uint8Array, isHead: boolean): Promise<Exchange> {
    const socket = this.#socket ?? (await this.#open());
    if (socket instanceof Error) return { kind: 'refused', detail: socket.message };
    this.#socket = socket;
    const startedAt = performance.now();
    const result = await new Promise<Exchange>((resolve) => {
      let received: Buffer = Buffer.alloc(0);
      const settle = (exchange: Exchange): void => {
        clearTimeout(deadline);
        socket.off('data', onData).off('close', onClose);
        resolve(exchange);
      };
      const onData = (data: Buffer): void => {
        received = received.length === 0 ? data : Buffer.concat([received, data]);
        const read = readAnswer(received, isHead, performance.now() - startedAt);
        if (read === 'more') return;
        settle(
          read === 'unreadable' ? { kind: read, detail: shown(received) } : { kind: 'answer', answer: read },
        );
      };
      const onClose = (): void => settle({ kind: 'closed', detail: shown(received) });
      const deadline = setTimeout(
        () => settle({ kind: 'silence', detail: shown(received) }),
        this.#deadlineMs,
      );
      socket.on('data', onData).on('close', onClose);
      socket.write(bytes);
    });
    if (result.kind !== 'answer' || result.answer.headers.get('connection') === 'close') this.close();
    return result;
  }

  /**
   * Sends anything on a connection of its own, says that nothing follows, and reads what comes until the server closes;
   * undefined when no connection could be made.
   */
  async answersTo(bytes: Uint8Array): Promise<string | undefined> {
    const socket = await this.#open();
    if (socket instanceof Error) return undefined;
    return await new Promise((resolve) => {
      let received = '';
      const deadline = setTimeout(() => socket.destroy(), this.#deadlineMs);
      socket.on('data', (data) => {
        received += data.toString('latin1');
      });
      socket.on('close', () => {
        clearTimeout(deadline);
        resolve(received);
      });
      socket.end(bytes);
    });
  }

  /** Ends the connection. */
  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  async #open(): Promise<TLSSocket | Error> {
    return await new Promise((resolve) => {
      const socket = connect({ host: this.#host, port: this.#port, ca: this.#certificate });
      // Once connected, what breaks the connection is told by its 'close' as well.
      socket.setNoDelay(true).on('error', resolve);
      socket.once('secureConnect', () => resolve(socket));
      socket.once('close', () => {
        if (this.#socket === socket) this.#socket = undefined;
      });
    });
  }
}

/** The first final answer in `received`; answers that only say "go on" (RFC 9110 15.2) are skipped. */
function readAnswer(received: Buffer, isHead: boolean, tookMs: number): WireAnswer | 'more' | 'unreadable' {
  const headEnd = received.indexOf(separator);
  if (headEnd < 0) return 'more';
  const [statusLine = '', ...lines] = received.subarray(0, headEnd).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
  if (Number.isNaN(status)) return 'unreadable';
  const rest = received.subarray(headEnd + separator.length);
  if (status < 200) return readAnswer(rest, isHead, tookMs);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) return 'unreadable';
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  // Who cannot read a request does not know that it is HEAD.
  const hasBody = !isHead || (rest.length > 0 && headers.get('connection') === 'close');
  if (!hasBody || status === 204 || status === 304)
    return rest.length > 0 ? 'unreadable' : { status, headers, body: rest, tookMs };
  const length = Number(headers.get('content-length'));
  if (!Number.isInteger(length)) return 'unreadable';
  if (rest.length < length) return 'more';
  return rest.length > length ? 'unreadable' : { status, headers, body: rest, tookMs };
}

function shown(received: Buffer): string {
  return JSON.stringify(received.subarray(0, 2_000).toString('latin1'));
}
