import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:tls';
import type { DesiredSnapshot, DesiredState } from '@esplanade/desired';
import type { Log } from '../log.ts';
import { asksForCertificates } from '../logins/certificate-logins.ts';
import { doEvery, type PeriodicWork } from '../periodic-work.ts';
import { reasonOf } from '../settings.ts';
import { loadTlsPair, type TlsSource } from './tls.ts';
import { tlsContext } from './tls-context.ts';
import type { TlsPair } from './tls-pair.ts';

/** What the certificate is for, and what tells when it has to change. */
export interface ServedTlsOptions {
  readonly server: Server;
  readonly source: TlsSource;
  readonly desired: Pick<DesiredState, 'snapshot' | 'subscribe'>;
  readonly log: Log;
  /** How often a user's own files are looked at. */
  readonly lookMs: number;
  /** Told when the certificate that is shown from now on expires, in milliseconds since 1970. */
  readonly onCertificate?: (notAfterMs: number) => void;
}

/**
 * The certificate that a server shows, and whether it asks clients for theirs: it does while there is a `client_ca`, because
 * a browser that is asked asks its user. New connections have what is newest, those there are go on.
 */
export class ServedTls {
  readonly #options: ServedTlsOptions;
  readonly #unsubscribe: () => void;
  readonly #looking: PeriodicWork;
  #pair: TlsPair;
  #certificates: DesiredSnapshot['certificates'];
  #asksClients: boolean;
  /** What was in the files when they were looked at last. */
  #seen = '';
  /** The fingerprint that was told, for those who log in the first time to compare. */
  #told = '';
  /** What was of no use, so that it is told once. */
  #refused = '';

  private constructor(options: ServedTlsOptions, pair: TlsPair) {
    const { desired, lookMs } = options;
    this.#options = options;
    this.#pair = pair;
    this.#certificates = desired.snapshot().certificates;
    this.#asksClients = asksForCertificates(this.#certificates);
    this.#apply();
    this.#unsubscribe = desired.subscribe(({ certificates }) => this.#follow(certificates));
    this.#looking = doEvery(lookMs, () => this.#look());
  }

  /** Gives the server its certificate. Throws UsageError when files of the user cannot be used. */
  static async open(options: ServedTlsOptions): Promise<ServedTls> {
    return new ServedTls(options, await loadTlsPair(options.source));
  }

  /** Takes the certificate up anew. Throws UsageError when it cannot be used; the old one stays then. */
  async reload(): Promise<void> {
    this.#pair = await loadTlsPair(this.#options.source);
    this.#apply();
  }

  /** Follows nothing any more. */
  async close(): Promise<void> {
    this.#unsubscribe();
    await this.#looking.close();
  }

  #follow(certificates: DesiredSnapshot['certificates']): void {
    if (certificates === this.#certificates) return;
    this.#certificates = certificates;
    const asksClients = asksForCertificates(certificates);
    if (asksClients === this.#asksClients) return;
    this.#asksClients = asksClients;
    this.#apply();
    this.#options.log.info(
      asksClients
        ? 'clients are asked for certificates from now on, because there is a client_ca'
        : 'clients are no longer asked for certificates: the last client_ca is gone',
    );
  }

  #apply(): void {
    const { server, onCertificate, log } = this.#options;
    const { fingerprint256, validToDate } = new X509Certificate(this.#pair.certificate);
    onCertificate?.(validToDate.getTime());
    if (fingerprint256 !== this.#told)
      log.info(`the certificate has the SHA-256 fingerprint ${fingerprint256}`);
    this.#told = fingerprint256;
    server.setSecureContext(tlsContext(this.#pair, this.#asksClients));
    // Node reads these at each connection. Who vouches for a client depends on the account: no business of TLS.
    Object.assign(server, { requestCert: this.#asksClients, rejectUnauthorized: false });
  }

  /** Whoever renews a certificate writes two files, one after the other: what is new is taken up at second sight. */
  async #look(): Promise<void> {
    const { source, log } = this.#options;
    if (source.kind !== 'files') return;
    const found = await contentOf(source.certificateFile, source.keyFile);
    const isNew = found !== this.#pair.certificate + this.#pair.key;
    const isSettled = found === this.#seen;
    this.#seen = found;
    if (!isNew || !isSettled || found === this.#refused) return;
    try {
      await this.reload();
      log.info(`the certificate in ${source.certificateFile} is new, and served from now on`);
    } catch (error) {
      this.#refused = found;
      log.warn(`the certificate on disk is not taken up, the old one stays: ${reasonOf(error)}`);
    }
  }
}

/** What is in the files, or why that cannot be told. */
async function contentOf(...files: readonly string[]): Promise<string> {
  try {
    return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('');
  } catch (error) {
    return reasonOf(error);
  }
}
