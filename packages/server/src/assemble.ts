import { mostRevocationListBytes } from '@esplanade/domain';
import { createApi, openApiDocument, type Release, type Resource } from '@esplanade/ontap';
import { createReconciler, systemClock } from '@esplanade/reconciler';
import { createApiDocs } from './api-docs/api-docs.ts';
import { type App, addRoutes, createApp } from './app.ts';
import { AuditRetention } from './audit/audit-retention.ts';
import { AuditTrail } from './audit/audit-trail.ts';
import { RefusedLogins } from './audit/refused-logins.ts';
import { startMirror, trustedAuthorities } from './audit/start-mirror.ts';
import { reach } from './audit/syslog-sender.ts';
import { tellRestoration } from './backups/restoration-note.ts';
import { BootBlocks } from './boot-blocks.ts';
import { CarrierWatch } from './carrier-watch.ts';
import type { ServeConfig } from './config.ts';
import { type ChosenDatapath, chooseDatapath, recordedDatapath } from './datapath-choice.ts';
import {
  blockLine,
  type DatapathEngine,
  lookAround,
  openData,
  probeKernelEsp,
  readSeed,
  simulatedEngine,
  strongswanEngine,
} from './engines.ts';
import { keyedTags } from './entity-tags.ts';
import { errorCatalogue } from './error-catalogue.ts';
import { ExpiryWatch } from './expiry-watch.ts';
import { FetchGuard } from './fetching/fetch-guard.ts';
import { guardedFetch } from './fetching/guarded-fetch.ts';
import { RevocationListRefresh } from './fetching/revocation-list-refresh.ts';
import { type Health, ipspaceHealth, isReady, writeHealth } from './health.ts';
import { IpspaceCarriers } from './ipspace-carriers.ts';
import { type Log, logFailure } from './log.ts';
import { createAuthenticator } from './logins/authenticator.ts';
import { BasicLogins } from './logins/basic-logins.ts';
import { IssuedLogins } from './logins/certificate-logins.ts';
import { Logins } from './logins/logins.ts';
import { EventLoopDelay } from './metrics/event-loop-delay.ts';
import type { MeteredStore } from './metrics/metered-store.ts';
import { ReconcilingMeter } from './metrics/reconciling-meter.ts';
import { RequestMeter } from './metrics/request-meter.ts';
import { type Meters, renderMetrics } from './metrics.ts';
import { allResources } from './resources/index.ts';
import { LiveSpds } from './resources/live-spds.ts';
import type { ResourceParts } from './resources/resource-parts.ts';
import { SaOwners } from './resources/sa-owners.ts';
import { ipspacesWithPolicies } from './resources/sad-rows.ts';
import { Turns } from './resources/turns.ts';
import { maySeeMetrics, reachOf } from './roles.ts';
import { KeyRotation } from './sealing-keys/key-rotation.ts';
import { UsageError } from './settings.ts';
import { createStoreProbe } from './store-probe.ts';
import { StoreWatch } from './store-watch.ts';
import { version } from './version.ts';

/** How often we look for datapaths that fell silent and for guards that were not there. */
const lookMs = 2_000;

/** Of a revocation list: PEM takes a third more than DER, and may have words around it. */
const mostFetchedBytes = 2 * mostRevocationListBytes;

/** A whole server, from data to routes, that listens nowhere yet. */
export interface Assembly {
  readonly app: App;
  readonly parts: ResourceParts;
  readonly readMetrics: () => Promise<string>;
  /** Told when the certificate of the listener expires, in milliseconds since 1970. */
  readonly onCertificate: (notAfterMs: number) => void;
  readonly keyRotation: KeyRotation;
  /** Closes everything but `app`, which must be closed first; policies and SAs stay up. */
  close(): Promise<void>;
}

/**
 * Puts the server together. Throws UsageError when the settings contradict the data directory, StoreOpenError when its
 * data cannot be opened; nothing is left open then.
 */
export async function assemble(config: ServeConfig, writeLog: (line: string) => void): Promise<Assembly> {
  await using opened = new AsyncDisposableStack();
  const startedAtMs = Date.now();
  const seed = config.simulatorSeedFile === undefined ? [] : await readSeed(config.simulatorSeedFile);
  const app = createApp({ level: config.logLevel, format: config.logFormat }, writeLog, config.edgeLimits);

  const trail = new AuditTrail(app.log);
  const reconciling = new ReconcilingMeter();
  const eventLoop = new EventLoopDelay();
  opened.defer(() => eventLoop.close());
  let fresh: ChosenDatapath | undefined;
  const data = await openData(
    config,
    async () => {
      fresh = await chooseDatapath(config.datapath, () => lookAround(config.viciSockets));
      return { kind: fresh.kind };
    },
    trail.source,
  );
  opened.defer(() => data.close());
  const { desired } = data;
  const { mirror, close: closeMirror } = await startMirror(desired, config.dataDirectory, app.log);
  opened.defer(closeMirror);
  trail.begin(desired, () => mirror.wake());
  await tellRestoration(config.dataDirectory, (input) =>
    trail.add({ application: 'internal', state: 'success', input }),
  );
  const retention = new AuditRetention({
    desired,
    keep: config.auditKeep,
    entryText: (parts) => trail.entryText(parts),
    clock: systemClock,
    onUnexpected: (error) => app.log.error({ err: error }, 'the audit log could not be trimmed'),
  });
  opened.defer(() => retention.close());
  const refusedLogins = new RefusedLogins({ add: (parts) => trail.add(parts), clock: systemClock });
  opened.defer(() => refusedLogins.close());
  const keyRotation = new KeyRotation({
    desired,
    secretBox: data.secretBox,
    keyFile: config.keyFile,
    log: app.log,
    onChanged: (sentence) => void trail.add({ application: 'internal', state: 'success', input: sentence }),
  });
  opened.defer(() => keyRotation.close());
  const { node, datapath: recorded } = desired.snapshot();
  const datapath = fresh ?? recordedDatapath(recorded.kind, config.datapath, config.dataDirectory);
  checkAgainstData(config, node.name, datapath);

  const engine =
    datapath.kind === 'strongswan' ? strongswanEngine(config.viciSockets) : simulatedEngine(seed);
  const carriers = startCarriers({ engine, desired, log: app.log, reconciling });
  opened.defer(() => carriers.close());
  if (datapath.kind === 'strongswan') {
    const blocks = new BootBlocks({
      desired,
      dataDirectory: config.dataDirectory,
      lineOf: blockLine,
      onFailed: (error) => logFailure(app.log, 'the blocks for the next boot could not be written', error),
    });
    opened.defer(() => blocks.close());
  }
  const fetchGuard = new FetchGuard(config.crlFetchAllowances);
  const revocationRefresh = new RevocationListRefresh({
    desired,
    fetch: guardedFetch({ guard: fetchGuard, mostBytes: mostFetchedBytes }),
    clock: systemClock,
    random: Math.random,
    onNews: ({ kind, sentence }) => app.log[kind === 'trouble' ? 'warn' : 'info'](sentence),
    onUnexpected: (error) => app.log.error({ err: error }, 'a revocation list could not be refreshed'),
  });
  opened.defer(() => revocationRefresh.close());
  const expiryWatch = new ExpiryWatch({
    desired,
    clock: systemClock,
    onWarning: (sentence) => app.log.warn(sentence),
    onUnexpected: (error) => app.log.error({ err: error }, 'what expires could not be looked at'),
  });
  opened.defer(() => expiryWatch.close());
  const watch = new CarrierWatch(carriers, app.log);
  const storeWatch = new StoreWatch(data.store, app.log);
  const looking = setInterval(() => {
    watch.look();
    storeWatch.look();
    carriers.renew().catch((error) => app.log.error({ err: error }, 'an IPspace could not be made anew'));
  }, lookMs);
  opened.defer(() => clearInterval(looking));

  const parts: ResourceParts = {
    desired,
    spds: new LiveSpds(desired),
    saOwners: new SaOwners(desired),
    turns: new Turns(),
    carriers,
    auditMirror: mirror,
    reachDestination: (destination) => reach(destination, () => trustedAuthorities(desired)),
    fetchGuard,
    revocationRefresh,
    capabilities: carriers.capabilities(),
    datapath,
    fingerprint: (bytes) => data.secretBox.fingerprint(bytes),
    entityTag: keyedTags(data.secretBox.keyFor('entity tags')),
    ontapVersion: config.ontapVersion,
    version,
    startedAtMs,
  };
  const kernelEsp = datapath.kind === 'strongswan' ? await probeKernelEsp() : undefined;
  if (kernelEsp !== undefined && kernelEsp.kind !== 'yes')
    app.log.warn(`${espWarning[kernelEsp.kind]} (${kernelEsp.evidence})`);
  const readHealth = healthReader(parts, data.store, kernelEsp);
  const requests = new RequestMeter();
  let tlsNotAfterMs: number | undefined;
  const meters: Meters = {
    requests,
    commits: data.store,
    reconciling,
    eventLoop,
    tlsNotAfterMs: () => tlsNotAfterMs,
    toSealAnew: () => keyRotation.remaining,
    isPerPolicy: config.metricsPerPolicy,
  };
  const readMetrics = async (): Promise<string> => renderMetrics(parts, await readHealth(), meters);
  const onCertificate = (notAfterMs: number): void => {
    tlsNotAfterMs = notAfterMs;
  };
  wire(app, parts, { readHealth, readMetrics, requests, trail, refusedLogins });
  const everything = opened.move();
  return { app, parts, readMetrics, onCertificate, keyRotation, close: () => everything.disposeAsync() };
}

const espWarning = {
  no: 'this kernel has no ESP: policies are loaded and block, but no SA can come up',
  unknown: 'whether this kernel has ESP could not be found out; without it no SA can come up',
} as const;

interface Carrying {
  readonly engine: DatapathEngine;
  readonly desired: ResourceParts['desired'];
  readonly log: Log;
  readonly reconciling: ReconcilingMeter;
}

function startCarriers({ engine, desired, log, reconciling }: Carrying): IpspaceCarriers {
  const { node } = desired.snapshot();
  return new IpspaceCarriers(
    desired,
    (ipspace) => {
      const { datapath, guard, simulator, isOutdated, purge } = engine.open(node.uuid, ipspace);
      const reconciler = createReconciler({
        ipspace,
        datapath,
        desired,
        onUnexpected: (doing, error) =>
          log.error({ err: error, ipspace: ipspace.name }, `failed at ${doing}`),
        onRun: (run) => reconciling.finished(run),
        onDrift: (sentence) => log.info({ ipspace: ipspace.name }, `drift: ${sentence}`),
        onPolicyNews: ({ kind, sentence }) =>
          log[kind === 'trouble' ? 'warn' : 'info']({ ipspace: ipspace.name }, sentence),
      });
      const leave = async (signal: AbortSignal): Promise<void> => {
        const { kind, sentence } = await purge(signal);
        log[kind === 'purged' ? 'info' : 'warn'](`IPspace ${ipspace.name} was deleted: ${sentence}`);
      };
      return {
        datapath,
        reconciler,
        guard: () => guard,
        ...(simulator !== undefined && { simulator }),
        isOutdated,
        leave,
      };
    },
    (error) => log.error({ err: error }, 'an IPspace could not be closed'),
  );
}

function healthReader(
  parts: ResourceParts,
  store: MeteredStore,
  kernelEsp: Health['datapath']['kernel_esp'],
): () => Promise<Health> {
  const { carriers, datapath, desired } = parts;
  const probeStore = createStoreProbe(store);
  return async () => {
    const reason = await probeStore();
    const isDatapathReady = isReady(carriers, ipspacesWithPolicies(parts));
    return {
      ready: reason === undefined && isDatapathReady,
      version,
      node: desired.snapshot().node.name,
      store: { kind: 'embedded', ready: reason === undefined, ...(reason !== undefined && { reason }) },
      writes: writeHealth(store.trouble),
      datapath: {
        ready: isDatapathReady,
        ...datapath,
        ...(kernelEsp && { kernel_esp: kernelEsp }),
        ipspaces: ipspaceHealth(carriers),
      },
    };
  };
}

interface Readers {
  readonly readHealth: () => Promise<Health>;
  readonly readMetrics: () => Promise<string>;
  readonly requests: RequestMeter;
  readonly trail: AuditTrail;
  readonly refusedLogins: RefusedLogins;
}

function wire(
  app: App,
  parts: ResourceParts,
  { readHealth, readMetrics, requests, trail, refusedLogins }: Readers,
): void {
  const { desired, ontapVersion } = parts;
  const resources = allResources(parts);
  const api = createApi({
    resources,
    release: ontapVersion,
    entityTag: parts.entityTag,
    errorCodes: errorCatalogue,
    reach: (principal, use) => reachOf(desired.snapshot(), principal, use),
    onRecord: (record) => trail.turnTo(record),
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
  const logins = new Logins(desired);
  const basic = new BasicLogins({ find: (login) => logins.find(login), rates: app.edge.failedLoginRates });
  let described: ReturnType<typeof describeApi> | undefined;
  const description = () => {
    described ??= describeApi(resources, ontapVersion);
    return described;
  };
  addRoutes(app, {
    api: { handle: (request) => trail.answer(request, api) },
    onRefused: (request, status) => trail.refusedBefore(request, api, status),
    authenticator: createAuthenticator(basic, new IssuedLogins(desired)),
    openApi: () => description().openApi,
    docs: (path) => description().docs(path),
    health: readHealth,
    metrics: readMetrics,
    maySeeMetrics: (account) => maySeeMetrics(desired.snapshot(), account),
    onUnheard: (request) => refusedLogins.unheard(request),
    onLoginRefused: (login) => {
      requests.loginRefused(login.reason);
      refusedLogins.refused(login);
    },
    onAnswered: (answered) => requests.answered(answered),
  });
}

/** The API for programs and for people. Takes a moment, and few ask. */
function describeApi(resources: readonly Resource<unknown>[], release: Release) {
  const document = openApiDocument({ title: 'Esplanade', version, resources, release });
  return { openApi: JSON.stringify(document), docs: createApiDocs(document) };
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
