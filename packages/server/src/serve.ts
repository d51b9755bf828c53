import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { App } from './app.ts';
import { type Assembly, assemble } from './assemble.ts';
import { type ConfigSource, parseServeConfig, type ServeConfig } from './config.ts';
import { ensureFirstAccount, firstPasswordProblems, type PasswordSetting } from './first-account.ts';
import { FirstPasswordWatch, firstAccountName, firstPasswordFile } from './first-password-file.ts';
import { isStandardErrorJournal } from './journal-stream.ts';
import { formatListenAddress, type ListenAddress, ListenError } from './listen-address.ts';
import type { Log } from './log.ts';
import { listenForMetrics } from './metrics-listener.ts';
import type { KeyRotation } from './sealing-keys/key-rotation.ts';
import { reasonOf, UsageError } from './settings.ts';
import { ServedTls } from './tls/served-tls.ts';
import { selfSignedNames, type TlsSource } from './tls/tls.ts';
import { untilObserved } from './until-observed.ts';
import { version } from './version.ts';

/** How long the first listing of SAs may hold up the ready line. */
const firstListingMs = 500;
/** How often we look whether somebody has renewed the certificate. */
const certificateLookMs = 10_000;
/** Requests under way when the end comes may take this long. */
const drainMs = 2_500;

/** A server that answers, and the two things that can be done to it. */
export interface RunningServer {
  readonly url: string;
  /** Takes up the certificate, the log level and the sealing keys anew. */
  reload(): Promise<void>;
  /** Drains and closes everything; policies and SAs stay up. */
  close(): Promise<void>;
}

/**
 * Starts a server: data, datapath, first account, certificate, listeners. `ESPLANADE_ADMIN_PASSWORD`
 * of the environment is for the first start only.
 * Throws UsageError, StoreOpenError or ListenError when it cannot, with nothing left open.
 */
export async function serve(
  source: ConfigSource,
  config: ServeConfig,
  writeLog: (line: string) => void,
): Promise<RunningServer> {
  const adminPassword = source.environment['ESPLANADE_ADMIN_PASSWORD'];
  // Before there is data, with a datapath chosen: why it was is told by the start that chooses it.
  const [problem] = firstPasswordProblems(config.dataDirectory, adminPassword);
  if (problem !== undefined) throw new UsageError(problem);
  await using opened = new AsyncDisposableStack();
  const assembly = await assemble(config, writeLog);
  opened.defer(() => assembly.close());
  const { app, parts, readMetrics, keyRotation } = assembly;
  const { desired } = parts;
  const setting = await ensureFirstAccount(desired, config.dataDirectory, adminPassword);
  const firstPassword = new FirstPasswordWatch({
    desired,
    dataDirectory: config.dataDirectory,
    log: app.log,
  });
  opened.defer(() => firstPassword.close());
  const tls = await ServedTls.open({
    server: app.server,
    source: tlsSource(config),
    desired,
    log: app.log,
    lookMs: certificateLookMs,
    onCertificate: assembly.onCertificate,
  });
  opened.defer(() => tls.close());
  if (config.metricsListen !== undefined) {
    const metrics = await listenForMetrics(config.metricsListen, readMetrics);
    opened.defer(() => metrics.close());
    app.log.info(`metrics are served in clear at http://${formatListenAddress(metrics.address)}/metrics`);
  }
  await untilObserved(parts.carriers, firstListingMs);
  tellStory(app.log, config, assembly);
  await warnOfOpenDirectory(app.log, config.dataDirectory);
  opened.defer(() => drain(app));
  const address = await listen(app, config.listen);
  // What is told once is told when nothing can fail any more.
  tellFirstPassword(app.log, config, setting, source.environment['JOURNAL_STREAM']);
  const everything = opened.move();
  return {
    url: `https://${formatListenAddress(address)}`,
    reload: async () => {
      await reload(app, source, tls);
      await reloadKeys(app.log, keyRotation);
    },
    close: () => everything.disposeAsync(),
  };
}

function tellFirstPassword(
  log: Log,
  { dataDirectory }: ServeConfig,
  setting: PasswordSetting | undefined,
  journalStream: string | undefined,
): void {
  const kept = firstPasswordFile(dataDirectory);
  if (setting === undefined) {
    if (existsSync(kept)) log.info(`the account ${firstAccountName} has the password in ${kept}`);
    return;
  }
  const { account, password, file } = setting;
  if (file === undefined) log.info(`the account ${account} has the password of ESPLANADE_ADMIN_PASSWORD`);
  else if (isStandardErrorJournal(journalStream))
    log.info(`the account ${account} has the password in ${file}`);
  else log.info(`the account ${account} has the password ${password} (told this once, kept in ${file})`);
}

/** What carries the policies and why, and what an operator may not expect. */
function tellStory(log: Log, config: ServeConfig, { parts }: Assembly): void {
  const { kind, chosen } = parts.datapath;
  const { enabled, replayWindow } = parts.desired.snapshot().ipsec.value;
  log.info(`Esplanade ${version}, data in ${config.dataDirectory}, emulates ONTAP ${config.ontapVersion}`);
  if (kind === 'simulated')
    log.warn(`THE SIMULATOR carries the policies, no packet is encrypted or blocked: ${chosen}`);
  else log.info(`strongSwan carries the policies: ${chosen}`);
  if (!enabled)
    log.info('IPsec is disabled, as ONTAP ships it: esplanade security ipsec config modify -is-enabled true');
  if (replayWindow === 0) log.warn('anti-replay is off (replay_window 0, the default of ONTAP)');
}

/** Its files are private whatever its mode, so it is left as it is: somebody may mean a group to back it up. */
async function warnOfOpenDirectory(log: Log, directory: string): Promise<void> {
  const mode = (await stat(directory)).mode & 0o777;
  if ((mode & 0o077) === 0) return;
  log.warn(`other users of this host may enter ${directory} (mode ${mode.toString(8)}): chmod 700 it`);
}

function tlsSource({ tls, dataDirectory, listen }: ServeConfig): TlsSource {
  if (tls !== undefined) return { kind: 'files', ...tls };
  return { kind: 'self-signed', directory: dataDirectory, names: selfSignedNames(hostname(), listen.host) };
}

async function reload(app: App, source: ConfigSource, tls: ServedTls): Promise<void> {
  try {
    const { config } = parseServeConfig(source);
    await tls.reload();
    app.log.level = config.logLevel;
    app.log.info(`certificate and log level (${config.logLevel}) are reloaded`);
  } catch (error) {
    app.log.error(`nothing is reloaded, the old settings stay: ${reasonOf(error)}`);
  }
}

async function reloadKeys(log: Log, keyRotation: KeyRotation): Promise<void> {
  try {
    await keyRotation.reload();
  } catch (error) {
    log.error(`the sealing keys are not reloaded, those of before stay in force: ${reasonOf(error)}`);
  }
}

async function listen(app: App, { host, port }: ListenAddress): Promise<ListenAddress> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    throw new ListenError('listen', { host, port }, error);
  }
  const address = app.server.address();
  return { host, port: typeof address === 'object' && address !== null ? address.port : port };
}

/** Takes no new connections, lets what is under way finish, and cuts what does not. */
async function drain(app: App): Promise<void> {
  const impatience = setTimeout(() => app.server.closeAllConnections(), drainMs);
  try {
    await app.close();
  } finally {
    clearTimeout(impatience);
  }
}
