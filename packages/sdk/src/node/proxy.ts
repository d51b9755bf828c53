import { request } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { serverOf, toConnectionError, UnreachedError } from './connection-errors.ts';
import type { Destination, ProxyEnvironment } from './destination.ts';

/** A proxy in clear. */
export interface Proxy {
  readonly url: URL;
  /** What logs in to it, as Basic has it: `USER:PASSWORD`. */
  readonly account: string | undefined;
}

/**
 * The proxy that the way to a server leads through; undefined where there is none. This machine is reached without one. Throws
 * an UnreachedError where what names it is no URL of a proxy in clear.
 */
export function proxyFor(
  to: Pick<Destination, 'host' | 'port'>,
  environment: ProxyEnvironment,
): Proxy | undefined {
  const named = environment['https_proxy'] || environment['HTTPS_PROXY'];
  if (!named || isThisMachine(to.host)) return undefined;
  const exceptions = environment['no_proxy'] || environment['NO_PROXY'] || '';
  if (exceptions.split(/[\s,]+/).some((exception) => isExcepted(to, exception))) return undefined;
  const url = URL.parse(named.includes('://') ? named : `http://${named}`);
  // Not what was set: it may hold a password.
  if (url?.protocol !== 'http:' || url.hostname === '')
    throw new UnreachedError('no-proxy', 'HTTPS_PROXY is not a proxy as http://HOST:PORT.');
  return { url, account: accountIn(url) };
}

function accountIn({ username, password }: URL): string | undefined {
  if (username === '') return undefined;
  try {
    return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw new UnreachedError('no-proxy', 'HTTPS_PROXY: write % in its user name or password as %25.');
  }
}

function isThisMachine(host: string): boolean {
  return (
    host === 'localhost' || host.endsWith('.localhost') || host === '::1' || isWithin(host, '127.0.0.0/8')
  );
}

/** `*`, `example.com` with what is below it, `.example.com`, an address, `10.0.0.0/8`; each may name a port. */
function isExcepted({ host, port }: Pick<Destination, 'host' | 'port'>, exception: string): boolean {
  const [, bracketed, plain, ofPort] = /^(?:\[(.*)\]|(.*?))(?::(\d+))?$/.exec(exception) ?? [];
  if (isIP(exception) === 0 && ofPort !== undefined && Number(ofPort) !== port) return false;
  const name = isIP(exception) === 0 ? (bracketed ?? plain ?? '') : exception;
  if (name === '*') return true;
  if (isIP(host) !== 0) return isWithin(host, name);
  const domain = name.replace(/^\*?\./, '').toLowerCase();
  return domain !== '' && `.${host.toLowerCase()}`.endsWith(`.${domain}`);
}

/** Whether an address is this one, or in this network. */
function isWithin(address: string, network: string): boolean {
  const [first = '', length] = network.split('/');
  const family = isIP(first) === 6 ? 'ipv6' : 'ipv4';
  const longest = family === 'ipv6' ? 128 : 32;
  if (isIP(first) === 0 || isIP(address) === 0 || !(Number(length ?? longest) <= longest)) return false;
  const list = new BlockList();
  list.addSubnet(first, Number(length ?? longest), family);
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/**
 * Asks a proxy for a way to a server (RFC 9110, section 9.3.6), on which nothing has been sent yet: who is at its end is told
 * by TLS. Rejects with an UnreachedError, or with the reason of the signal.
 */
export function openTunnel({ url: proxy, account }: Proxy, to: Destination): Promise<Duplex> {
  const { timeoutMs, signal } = to;
  const server = serverOf(to);
  const named = `the proxy ${proxy.host}`;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const asked = request({
      method: 'CONNECT',
      host: proxy.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: proxy.port || 80,
      path: server,
      headers: { host: server, ...authorization(account) },
      agent: false,
      ...(signal && { signal }),
    });
    const late = setTimeout(
      () =>
        asked.destroy(
          new UnreachedError('timed-out', `No way to ${server} by ${named} in ${timeoutMs / 1000} s.`),
        ),
      timeoutMs,
    );
    asked.on('error', (error) => {
      clearTimeout(late);
      if (signal?.aborted === true) reject(signal.reason);
      else if (error instanceof UnreachedError) reject(error);
      else {
        const { message, mayPass } = toConnectionError(named, error);
        reject(new UnreachedError('no-proxy', message, { cause: error, mayPass }));
      }
    });
    asked.on('connect', ({ statusCode = 0, statusMessage }, socket) => {
      clearTimeout(late);
      if (statusCode >= 200 && statusCode < 300) return resolve(socket);
      socket.destroy();
      const said = `${statusCode} ${statusMessage ?? ''}`.trim();
      const sentence = `There is no way to ${server} by ${named}: it says ${said}.`;
      reject(new UnreachedError('no-proxy', sentence, { mayPass: statusCode >= 500 }));
    });
    asked.end();
  });
}

function authorization(account: string | undefined): Readonly<Record<string, string>> {
  if (account === undefined) return {};
  return { 'proxy-authorization': `Basic ${Buffer.from(account).toString('base64')}` };
}
