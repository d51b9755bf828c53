import { accessSync, constants } from 'node:fs';
import { join, resolve } from 'node:path';
import { defaultPolicyLimits, type PolicyLimits } from '@esplanade/desired';
import type { AuditKeep } from './audit/trim-plan.ts';
import { withCredentials } from './credentials.ts';
import { defaultEdgeLimits, type EdgeLimits } from './edge/edge-limits.ts';
import { type FetchAllowance, parseAllowance } from './fetching/fetch-guard.ts';
import { type ListenAddress, parseListenAddress } from './listen-address.ts';
import { type Option, serveOptions } from './option.ts';
import { collectSettings, reasonOf, type Settings, UsageError } from './settings.ts';
import { expectedIpspaceName, socketProblem } from './vici-paths.ts';

/** ONTAP releases whose API surface the descriptors know. */
export const ontapReleases = [
  '9.8',
  '9.9.1',
  '9.10.1',
  '9.11.1',
  '9.12.1',
  '9.13.1',
  '9.14.1',
  '9.15.1',
  '9.16.1',
  '9.17.1',
  '9.18.1',
] as const;
export type OntapRelease = (typeof ontapReleases)[number];

/** Levels of the log, loudest first. */
export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof logLevels)[number];

const datapathWishes = ['auto', 'strongswan', 'simulated'] as const;
export type DatapathWish = (typeof datapathWishes)[number];

/** Everything `serve` is told, parsed; paths are absolute. */
export interface ServeConfig {
  readonly listen: ListenAddress;
  readonly dataDirectory: string;
  readonly datapath: DatapathWish;
  readonly simulatorSeedFile?: string;
  readonly ontapVersion: OntapRelease;
  /** VICI sockets by IPspace name, as far as they were named. */
  readonly viciSockets: ReadonlyMap<string, string>;
  readonly keyFile: string;
  /** Absent: a self-signed pair in the data directory. */
  readonly tls?: { readonly certificateFile: string; readonly keyFile: string };
  /** As it was given; a fresh data directory takes the host name without it. */
  readonly nodeName?: string;
  readonly metricsListen?: ListenAddress;
  /** Where revocation lists may be fetched from beyond what is public. */
  readonly crlFetchAllowances: readonly FetchAllowance[];
  readonly policyLimits: PolicyLimits;
  readonly edgeLimits: EdgeLimits;
  readonly auditKeep: AuditKeep;
  /** Whether `/metrics` has series for each policy. */
  readonly metricsPerPolicy: boolean;
  readonly logLevel: LogLevel;
  readonly logFormat: 'text' | 'json';
}

/** Where the settings came from, so that SIGHUP can read them again. */
export interface ConfigSource {
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/** Parses the settings of `serve`. Throws UsageError with every wrong value in it, one sentence a line. */
export function parseServeConfig({ args, environment }: ConfigSource): {
  readonly config: ServeConfig;
  readonly switches: ReadonlySet<string>;
} {
  const { settings, switches } = collectSettings(args, environment, serveOptions, ['check-config']);
  return { config: parse(withCredentials(settings, environment)), switches };
}

/** Parses the few settings that an offline command shares with `serve`, and the switches of its own. */
export function parseSharedConfig(
  { args, environment }: ConfigSource,
  names: readonly string[],
  switchNames: readonly string[] = [],
): { readonly config: ServeConfig; readonly switches: ReadonlySet<string> } {
  const options: readonly Option[] = serveOptions.filter(({ name }) => names.includes(name));
  const { settings, switches } = collectSettings(args, environment, options, switchNames);
  return { config: parse(withCredentials(settings, environment)), switches };
}

function parse(settings: Settings): ServeConfig {
  const problems: string[] = [];
  const text = (name: string): string | undefined => settings.get(name)?.values[0];
  const origin = (name: string): string => settings.get(name)?.from ?? `--${name}`;
  const attempt = <T>(name: string, fallback: T, read: (value: string) => T | string[]): T => {
    const value = text(name);
    if (value === undefined) return fallback;
    const result = read(value);
    if (!Array.isArray(result)) return result;
    problems.push(...result.map((problem) => `${origin(name)}: ${problem}`));
    return fallback;
  };
  const oneOf = <T extends string>(name: string, allowed: readonly T[], fallback: T): T =>
    attempt(name, fallback, (value) => {
      const match = allowed.find((candidate) => candidate === value);
      return match ?? [`"${value}" is not one of ${allowed.join(', ')}.`];
    });
  const readable = (name: string): string | undefined =>
    attempt<string | undefined>(name, undefined, (value) => {
      const path = resolve(value);
      try {
        accessSync(path, constants.R_OK);
        return path;
      } catch (error) {
        return [`cannot read ${path}: ${reasonOf(error)}.`];
      }
    });

  const limit = (name: string, fallback: number): number =>
    attempt(name, fallback, (value) =>
      /^[1-9]\d{0,6}$/.test(value) ? Number(value) : [`"${value}" is not a number from 1 to 9999999.`],
    );

  const dataDirectory = resolve(text('data-dir') ?? 'esplanade-data');
  const certificateFile = readable('tls-cert');
  const tlsKeyFile = readable('tls-key');
  if ((text('tls-cert') === undefined) !== (text('tls-key') === undefined))
    problems.push('--tls-cert and --tls-key belong together; give both or neither.');
  const datapath = oneOf('datapath', datapathWishes, 'auto');
  const simulatorSeedFile = readable('simulator-seed');
  if (simulatorSeedFile !== undefined && datapath === 'strongswan')
    problems.push(
      `${origin('simulator-seed')}: a seed is for the simulator; drop it or say --datapath simulated.`,
    );
  const listenDefault: ListenAddress = { host: '127.0.0.1', port: 8443 };
  const metricsListen = attempt<ListenAddress | undefined>('metrics-listen', undefined, parseListenAddress);
  const nodeName = attempt<string | undefined>('node-name', undefined, (value) =>
    /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/.test(value)
      ? value
      : [`"${value}" is not a node name: 1 to 63 letters, digits, dots, dashes or underscores.`],
  );
  attempt('store', 'embedded', (value) => {
    if (value === 'embedded') return value;
    if (value === 'etcd')
      return ['this version keeps its state in the embedded store only; etcd is not there yet.'];
    return [`"${value}" is not a store; this version has embedded.`];
  });
  const config: ServeConfig = {
    listen: attempt('listen', listenDefault, parseListenAddress),
    dataDirectory,
    datapath,
    ontapVersion: oneOf('ontap-version', ontapReleases, '9.18.1'),
    viciSockets: parseViciSockets(settings.get('vici')?.values ?? [], origin('vici'), problems),
    keyFile: resolve(text('key-file') ?? join(dataDirectory, 'secrets.key')),
    crlFetchAllowances: parseAllowances(
      settings.get('crl-fetch-allow')?.values ?? [],
      origin('crl-fetch-allow'),
      problems,
    ),
    metricsPerPolicy: oneOf('metrics-per-policy', ['off', 'on'], 'off') === 'on',
    logLevel: oneOf('log-level', logLevels, 'info'),
    policyLimits: {
      perSvm: limit('policies-per-svm', defaultPolicyLimits.perSvm),
      perCluster: limit('policies-per-cluster', defaultPolicyLimits.perCluster),
    },
    auditKeep: {
      days: limit('audit-keep-days', 366),
      mebibytes: limit('audit-keep-mib', 1_024),
    },
    edgeLimits: parseEdgeLimits(limit),
    logFormat: oneOf('log-format', ['text', 'json'], 'text'),
    ...(simulatorSeedFile !== undefined && { simulatorSeedFile }),
    ...(certificateFile !== undefined &&
      tlsKeyFile !== undefined && { tls: { certificateFile, keyFile: tlsKeyFile } }),
    ...(nodeName !== undefined && { nodeName }),
    ...(metricsListen !== undefined && { metricsListen }),
  };
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return config;
}

function parseEdgeLimits(limit: (name: string, fallback: number) => number): EdgeLimits {
  const { connections, requestsPerAccount, failedLogins, answers } = defaultEdgeLimits;
  const { perAccount, perSource } = failedLogins;
  return {
    connections: {
      total: limit('connections', connections.total),
      perSource: limit('connections-per-source', connections.perSource),
    },
    requestsPerAccount: limit('requests-per-account', requestsPerAccount),
    answers,
    failedLogins: {
      perAccount,
      perSource: { ...perSource, burst: limit('failed-logins-per-source', perSource.burst) },
    },
  };
}

function parseViciSockets(
  values: readonly string[],
  from: string,
  problems: string[],
): ReadonlyMap<string, string> {
  const sockets = new Map<string, string>();
  for (const value of values) {
    const [, ipspace, path] = /^([^=/]+)=(.+)$/.exec(value) ?? [];
    if (ipspace === undefined || path === undefined)
      problems.push(
        `${from}: "${value}" is not IPSPACE=PATH, for example Default=/run/esplanade/vici/Default.sock.`,
      );
    else if (sockets.has(ipspace)) problems.push(`${from}: IPspace ${ipspace} is given twice.`);
    else {
      const socket = resolve(path);
      const expected = expectedIpspaceName(ipspace);
      const problem =
        expected === undefined
          ? socketProblem(ipspace, socket, sockets)
          : `"${ipspace}" is no name of an IPspace: ${expected}.`;
      if (problem === undefined) sockets.set(ipspace, socket);
      else problems.push(`${from}: ${problem}`);
    }
  }
  return sockets;
}

function parseAllowances(
  values: readonly string[],
  from: string,
  problems: string[],
): readonly FetchAllowance[] {
  return values.flatMap((value) => {
    const allowance = parseAllowance(value);
    if (allowance === undefined)
      problems.push(
        `${from}: "${value}" is not PREFIX or PREFIX=PORT, for example 10.1.0.0/16 or fd00:1::/64=8080.`,
      );
    return allowance ?? [];
  });
}
