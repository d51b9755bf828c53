import { CommandError, exitStatus } from '../exit-status.ts';

/** Where `esplanade serve` listens unless it is told otherwise. */
export const usualServer = 'https://127.0.0.1:8443';

/**
 * The URL of a server in whatever way people write it: `cluster1`, `192.0.2.1:8443`, `https://cluster1/api`. `said` is how the
 * sentence names it when it is none: `-url`.
 */
export function parseServerUrl(text: string, said: string): URL {
  const written = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(written)) throw wrong(`${said} is no URL: ${text}`);
  const url = new URL(written);
  if (url.username !== '' || url.password !== '')
    throw wrong(
      `${said} must hold no user name and no password, which others would see: use "esplanade login"`,
    );
  if (url.protocol === 'http:')
    throw wrong(`${said} must begin with https://, because passwords do not go over the network in clear`);
  if (url.protocol !== 'https:') throw wrong(`${said} must begin with https://: ${text}`);
  if (url.search !== '' || url.hash !== '')
    throw wrong(`${said} must end with the name of the server: ${text}`);
  url.pathname = url.pathname.replace(/\/+(api\/*)?$/, '');
  return url;
}

/** Whether the server is on this machine. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}

/** As it is shown and kept: without a slash at the end. */
export function urlText(url: URL): string {
  return url.href.replace(/\/$/, '');
}

function wrong(sentence: string): CommandError {
  return new CommandError(exitStatus.misused, `${sentence}.`);
}
