import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type DesiredState, openDesiredState, openSecretBox } from '@esplanade/desired';
import { createApi, openApiDocument } from '@esplanade/ontap';
import { createReconciler } from '@esplanade/reconciler';
import { openEmbeddedStore } from '@esplanade/store/embedded';
import { type App, addRoutes, createApp } from './app.ts';
import { createAuthenticator } from './authenticator.ts';
import { type ConfigSource, parseServeConfig, type ServeConfig } from './config.ts';
import { type ChosenDatapath, chooseDatapath, recordedDatapath } from './datapath-choice.ts';
import { lookAround, readSeed, simulatedEngine, strongswanEngine } from './engines.ts';
import { ensureFirstAccount } from './first-account.ts';
import { type Health, ipspaceHealth, isReady } from './health.ts';
import { IpspaceCarriers } from './ipspace-carriers.ts';
import { formatListenAddress, type ListenAddress } from './listen-address.ts';
import type { Log } from './log.ts';
import { RequestCounts, renderMetrics } from './metrics.ts';
import { listenForMetrics } from './metrics-listener.ts';
import { allResources } from './resources/index.ts';
import { ipsecErrors } from './resources/ipsec-error-codes.ts';
import type { ResourceParts } from './resources/resource-parts.ts';
import { ipspacesWithPolicies } from './resources/sad-rows.ts';
import { reasonOf, UsageError } from './settings.ts';
import { createStoreProbe } from './store-probe.ts';
import { loadTlsPair, selfSignedNames, type TlsSource } from './tls.ts';
import { version } from './version.ts';

/** How often a guard that was not there is looked for. */
const renewMs = 2_000;
/** How long the first listing of SAs may hold up the ready line. */
const firstListingMs = 500;
/** Requests under way when the end comes may take this long. */
const drainMs = 2_500;

/** A server that answers, and the two things that can be done to it. */
export interface RunningServer {
  readonly url: string;
  /** Takes up the certificate and the log level anew. */
  reload(): Promise<void>;
  /** Drains and closes everything; policies and SAs stay up. */
  close(): Promise<void>;
}

/**
 * Puts the server together and starts it: the only place, with engines.ts, that knows which engine is behind which
 * contract. Throws UsageError or StoreOpenError when it cannot, with nothing left open.
 */
export async function serve(
  source: ConfigSource,
  config: ServeConfig,
  writeLog: (line: string) => void,
): Promise<RunningServer> {
  await using opened = new AsyncDisposableStack();
  const startedAtMs = Date.now();
  const seed = config.simulatorSeedFile === undefined ? [] : await readSeed(config.simulatorSeedFile);
  const app = createApp({ level: config.logLevel, format: config.logFormat }, writeLog);
  const log: Log = app.log;

  const store = await openEmbeddedStore({ directory: config.dataDirectory });
  opened.defer(() => store.close());
  const secretBox = await openSecretBox({ keyFile: config.keyFile, store });
  let fresh: ChosenDatapath | undefined;
  const desired = await openDesiredState({
    store,
    secretBox,
    seed: {
      clusterName: 'esplanade',
      nodeName: config.nodeName ?? hostname(),
      chooseDatapath: async () => {
        fresh = await chooseDatapath(config.datapath, () => lookAround(config.viciSockets));
        return { kind: fresh.kind };
      },
    },
  });
  opened.defer(() => desired.close());
  const { node, datapath: recorded } = desired.snapshot();
  const datapath = fresh ?? recordedDatapath(recorded.kind, config.datapath, config.dataDirectory);
  checkAgainstData(config, node.name, datapath);

  const engine =
    datapath.kind === 'strongswan' ? strongswanEngine(config.viciSockets) : simulatedEngine(seed);
  const carriers = new IpspaceCarriers(
    desired,
    (ipspace) => {
      const { datapath, guard, isOutdated } = engine.open(node.uuid, ipspace);
      const reconciler = createReconciler({
        ipspace,
        datapath,
        desired,
        onUnexpected: (doing, error) =>
          log.error({ err: error, ipspace: ipspace.name }, `failed at ${doing}`),
      });
      return { datapath, reconciler, guard: () => guard, isOutdated };
    },
    (error) => log.error({ err: error }, 'an IPspace could not be closed'),
  );
  opened.defer(() => carriers.close());
  const renewing = setInterval(() => {
    carriers.renew().catch((error) => log.error({ err: error }, 'an IPspace could not be made anew'));
  }, renewMs);
  opened.defer(() => clearInterval(renewing));

  const parts: ResourceParts = {
    desired,
    carriers,
    capabilities: carriers.capabilities(),
    datapath,
    fingerprint: (bytes) => secretBox.fingerprint(bytes),
    ontapVersion: config.ontapVersion,
    version,
    startedAtMs,
  };
  const probeStore = createStoreProbe(store);
  const readHealth = async (): Promise<Health> => {
    const storeReason = await probeStore();
    return {
      ready: storeReason === undefined && isReady(carriers, ipspacesWithPolicies(parts)),
      version,
      node: node.name,
      store: {
        kind: 'embedded',
        ready: storeReason === undefined,
        ...(storeReason !== undefined && { reason: storeReason }),
      },
      datapath: { ...datapath, ipspaces: ipspaceHealth(carriers) },
    };
  };
  const requests = new RequestCounts();
  const readMetrics = async (): Promise<string> => renderMetrics(parts, await readHealth(), requests);
  wire(app, parts, { readHealth, readMetrics, requests });

  await tellFirstPassword(desired, config, log);
  const tls = tlsSource(config);
  app.server.setSecureContext(secureContext(await loadTlsPair(tls)));
  if (config.metricsListen !== undefined) {
    const metrics = await listenForMetrics(config.metricsListen, readMetrics);
    opened.defer(() => metrics.close());
    log.info({ address: formatListenAddress(metrics.address) }, 'metrics are served in clear');
  }
  await untilObserved(carriers);
  tellStory(log, config, datapath, desired);
  const url = `https://${formatListenAddress(await listen(app, config.listen))}`;
  const everything = opened.move();
  return {
    url,
    reload: () => reload(app, source, tls),
    close: async () => {
      await drain(app);
      await everything.disposeAsync();
    },
  };
}

interface Readers {
  readonly readHealth: () => Promise<Health>;
  readonly readMetrics: () => Promise<string>;
  readonly requests: RequestCounts;
}

function wire(app: App, parts: ResourceParts, { readHealth, readMetrics, requests }: Readers): void {
  const { desired, ontapVersion } = parts;
  const resources = allResources(parts);
  const api = createApi({
    resources,
    release: ontapVersion,
    errorCodes: Object.values(ipsecErrors),
    resolveSvm: (reference) => {
      const { svms } = desired.snapshot();
      if ('uuid' in reference) return svms.get(reference.uuid)?.value.uuid;
      for (const { value } of svms.values()) if (value.name === reference.name) return value.uuid;
      return undefined;
    },
    onBug: (error, request) =>
      app.log.error(
        { id: 'requestId' in request ? request.requestId : undefined, method: request.method, err: error },
        'a request failed',
      ),
  });
  let openApi: string | undefined;
  addRoutes(app, {
    api,
    authenticator: createAuthenticator((name) => desired.snapshot().accounts.get(name)?.value),
    openApi: () => {
      openApi ??= JSON.stringify(
        openApiDocument({ title: 'Esplanade', version: parts.version, resources, release: ontapVersion }),
      );
      return openApi;
    },
    health: readHealth,
    metrics: readMetrics,
    onAnswered: (method, status) => requests.add(method, status),
  });
}

/** What was given now and contradicts what the data directory holds: told, not ignored. */
function checkAgainstData(config: ServeConfig, nodeName: string, datapath: ChosenDatapath): void {
  if (config.nodeName !== undefined && config.nodeName !== nodeName)
    throw new UsageError(
      `--node-name: the node of ${config.dataDirectory} is ${nodeName}, and a node keeps its name. Leave --node-name out.`,
    );
  if (config.simulatorSeedFile !== undefined && datapath.kind !== 'simulated')
    throw new UsageError(
      `--simulator-seed: strongSwan carries the policies of ${config.dataDirectory}. Leave it out.`,
    );
}

async function tellFirstPassword(desired: DesiredState, config: ServeConfig, log: Log): Promise<void> {
  const setting = await ensureFirstAccount(
    desired,
    config.dataDirectory,
    process.env['ESPLANADE_ADMIN_PASSWORD'],
  );
  if (setting === undefined) return;
  const { account, password, file } = setting;
  if (file === undefined) log.info({}, `the account ${account} has the password of ESPLANADE_ADMIN_PASSWORD`);
  else
    log.info({}, `the account ${account} has the password ${password} (told this once, and kept in ${file})`);
}

/** What carries the policies and why, and what an operator may not expect. */
function tellStory(
  log: Log,
  config: ServeConfig,
  { kind, chosen }: ChosenDatapath,
  desired: DesiredState,
): void {
  log.info(
    {},
    `Esplanade ${version}, data in ${config.dataDirectory}, emulates ONTAP ${config.ontapVersion}`,
  );
  if (kind === 'simulated')
    log.warn({}, `THE SIMULATOR carries the policies, no packet is encrypted or blocked: ${chosen}`);
  else log.info({}, `strongSwan carries the policies: ${chosen}`);
  const { enabled, replayWindow } = desired.snapshot().ipsec.value;
  if (!enabled)
    log.info({}, 'IPsec is disabled, as ONTAP ships it: PATCH /api/security/ipsec {"enabled": true}');
  if (replayWindow === 0) log.warn({}, 'anti-replay is off (replay_window 0, the default of ONTAP)');
}

function tlsSource({ tls, dataDirectory, listen }: ServeConfig): TlsSource {
  if (tls !== undefined) return { kind: 'files', ...tls };
  return { kind: 'self-signed', directory: dataDirectory, names: selfSignedNames(hostname(), listen.host) };
}

function secureContext({ certificate, key }: { readonly certificate: string; readonly key: string }) {
  return { cert: certificate, key, minVersion: 'TLSv1.2' } as const;
}

async function reload(app: App, source: ConfigSource, tls: TlsSource): Promise<void> {
  try {
    const { config } = parseServeConfig(source);
    app.server.setSecureContext(secureContext(await loadTlsPair(tls)));
    app.log.level = config.logLevel;
    app.log.info({ level: config.logLevel }, 'certificate and log level reloaded');
  } catch (error) {
    app.log.error({ reason: reasonOf(error) }, 'nothing was reloaded; the old settings stay');
  }
}

/** Lets the first listing of SAs come in, so that the first request is not answered "not listed yet". */
async function untilObserved(carriers: IpspaceCarriers): Promise<void> {
  const deadlineMs = Date.now() + firstListingMs;
  const isWaiting = (): boolean =>
    [...carriers.all()].some(({ reconciler }) => reconciler.readSad().kind === 'unavailable');
  while (isWaiting() && Date.now() < deadlineMs) await delay(5);
}

async function listen(app: App, { host, port }: ListenAddress): Promise<ListenAddress> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    throw new UsageError(`cannot listen on ${formatListenAddress({ host, port })}: ${reasonOf(error)}.`, {
      cause: error,
    });
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
