import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseServeConfig, parseSharedConfig } from './config.ts';
import { defaultEdgeLimits } from './edge/edge-limits.ts';
import { UsageError } from './settings.ts';

const directory = mkdtempSync(join(tmpdir(), 'esplanade-config-'));
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

function parse(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  return parseServeConfig({ args, environment }).config;
}

function complaint(args: readonly string[], environment: NodeJS.ProcessEnv = {}): string {
  try {
    parse(args, environment);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return 'no complaint';
}

describe('the settings of serve', () => {
  it('have defaults that need nothing', () => {
    expect(parse([])).toEqual({
      listen: { host: '127.0.0.1', port: 8443 },
      dataDirectory: join(process.cwd(), 'esplanade-data'),
      datapath: 'auto',
      ontapVersion: '9.18.1',
      viciSockets: new Map(),
      keyFile: join(process.cwd(), 'esplanade-data', 'secrets.key'),
      policyLimits: { perSvm: 100_000, perCluster: 100_000 },
      edgeLimits: defaultEdgeLimits,
      auditKeep: { days: 366, mebibytes: 1_024 },
      crlFetchAllowances: [],
      metricsPerPolicy: false,
      logLevel: 'info',
      logFormat: 'text',
    });
  });

  it('take every option as flag, variable and key of the file, all of one name', () => {
    const certificate = file('c.pem', '');
    const key = file('k.pem', '');
    const seed = file('s.json', '');
    const given = {
      listen: '[::1]:0',
      'data-dir': '/d',
      datapath: 'simulated',
      'simulator-seed': seed,
      store: 'embedded',
      'ontap-version': '9.16.1',
      vici: 'Default=/run/a.sock',
      'key-file': '/k',
      'tls-cert': certificate,
      'tls-key': key,
      'node-name': 'n1',
      'policies-per-svm': '10',
      'policies-per-cluster': '20',
      connections: '50',
      'connections-per-source': '60',
      'requests-per-account': '70',
      'failed-logins-per-source': '80',
      'audit-keep-days': '30',
      'audit-keep-mib': '40',
      'crl-fetch-allow': '10.0.0.0/8=8080',
      'metrics-listen': '127.0.0.1:9100',
      'metrics-per-policy': 'on',
      'log-level': 'debug',
      'log-format': 'json',
    };
    const expected = {
      listen: { host: '::1', port: 0 },
      dataDirectory: '/d',
      datapath: 'simulated',
      simulatorSeedFile: seed,
      ontapVersion: '9.16.1',
      viciSockets: new Map([['Default', '/run/a.sock']]),
      keyFile: '/k',
      tls: { certificateFile: certificate, keyFile: key },
      nodeName: 'n1',
      policyLimits: { perSvm: 10, perCluster: 20 },
      edgeLimits: {
        ...defaultEdgeLimits,
        connections: { total: 50, perSource: 60 },
        requestsPerAccount: 70,
        failedLogins: {
          ...defaultEdgeLimits.failedLogins,
          perSource: { ...defaultEdgeLimits.failedLogins.perSource, burst: 80 },
        },
      },
      auditKeep: { days: 30, mebibytes: 40 },
      crlFetchAllowances: [{ prefix: { family: 'ipv4', address: 0x0a000000n, length: 8 }, port: 8080 }],
      metricsListen: { host: '127.0.0.1', port: 9100 },
      metricsPerPolicy: true,
      logLevel: 'debug',
      logFormat: 'json',
    };
    const entries = Object.entries(given);
    expect(parse(entries.map(([name, value]) => `--${name}=${value}`))).toEqual(expected);
    const variables = entries.map(([name, value]) => [
      `ESPLANADE_${name.toUpperCase().replaceAll('-', '_')}`,
      value,
    ]);
    expect(parse([], Object.fromEntries(variables))).toEqual(expected);
    expect(parse(['--config', file('all.json', JSON.stringify(given))])).toEqual(expected);
  });

  it('let a flag beat the environment, and the environment the file', () => {
    const config = file('order.json', '{"listen": "1", "log-level": "fatal", "node-name": "f"}');
    const environment = { ESPLANADE_LISTEN: '2', ESPLANADE_LOG_LEVEL: 'error', ESPLANADE_CONFIG: config };
    expect(parse(['--listen', '3'], environment)).toMatchObject({
      listen: { port: 3 },
      logLevel: 'error',
      nodeName: 'f',
    });
  });

  it('are read from the file of serve by a command that needs some of them', () => {
    const args = ['--config', file('shared.json', '{"listen": ":1", "data-dir": "/filed"}')];
    const { config } = parseSharedConfig({ args, environment: {} }, ['data-dir', 'key-file']);
    expect(config.dataDirectory).toBe('/filed');
  });

  it('take an empty variable as an unset one', () => {
    expect(parse([], { ESPLANADE_LISTEN: '' }).listen.port).toBe(8443);
  });

  it('collect repeated sockets', () => {
    const sockets = new Map([
      ['a', '/1'],
      ['b', '/2'],
    ]);
    expect(parse(['--vici', 'a=/1', '--vici', 'b=/2']).viciSockets).toEqual(sockets);
    expect(parse([], { ESPLANADE_VICI: 'a=/1,b=/2' }).viciSockets).toEqual(sockets);
    expect(parse(['--config', file('v.json', '{"vici": ["a=/1", "b=/2"]}')]).viciSockets).toEqual(sockets);
  });

  it.each([
    [['--listen', 'nowhere'], '--listen: "nowhere" is not HOST:PORT'],
    [['--listen', ':8443'], 'Send 127.0.0.1:8443 for this host alone, or [::]:8443'],
    [['--data-dir', ''], '--data-dir: the value is empty'],
    [['--config', file('empty.json', '{"data-dir": ""}')], '"data-dir" in'],
    [['--config', ''], '--config: the value is empty'],
    [['--listen', '127.0.0.1:65536'], 'port 65536 is above 65535'],
    [['--listen', '[fe80]:1'], '"fe80" is not an IPv6 address'],
    [['--listen', '10.0.0.300:1'], '"10.0.0.300" is not an IPv4 address'],
    [['--listen', 'a', '--listen', 'b'], '--listen is given 2 times'],
    [['--datapath', 'magic'], '--datapath: "magic" is not one of auto, strongswan, simulated'],
    [['--store', 'etcd'], 'etcd is not there yet'],
    [['--store', 'redis'], '"redis" is not a store'],
    [['--etcd-endpoints', 'x'], 'There is no option --etcd-endpoints. --help tells'],
    [['--ontap-version', '9.7'], '"9.7" is not one of 9.8'],
    [['--vici', '/run/x.sock'], '"/run/x.sock" is not IPSPACE=PATH'],
    [['--vici', 'a=/1', '--vici', 'a=/2'], 'IPspace a is given twice'],
    [['--vici', 'a b=/1'], '"a b" is no name of an IPspace: 1 to 47 letters'],
    [['--vici', 'a.guard=/1'], '"a.guard" is no name of an IPspace: not ending in .guard or .kernel'],
    [
      ['--vici', 'a=/run/x.sock', '--vici', 'b=/run/./x.sock'],
      '/run/x.sock would belong to the IPspaces a and b',
    ],
    [['--vici', 'b=/run/a.guard.sock', '--vici', 'a=/run/a.sock'], '/run/a.guard.sock would belong to'],
    [['--vici', 'a=/run/esplanade/vici/b.sock'], 'is the socket of an IPspace of that name, not of a'],
    [['--vici', `a=/${'x'.repeat(107)}`], 'the path of a socket has 107 bytes at most'],
    [['--tls-cert', '/does/not/exist', '--tls-key', '/does/not/exist'], 'cannot read /does/not/exist'],
    [['--tls-cert', file('only.pem', '')], '--tls-cert and --tls-key belong together'],
    [['--simulator-seed', '/does/not/exist'], '--simulator-seed: cannot read /does/not/exist'],
    [
      ['--simulator-seed', file('seed.json', '{}'), '--datapath', 'strongswan'],
      'a seed is for the simulator',
    ],
    [['--node-name=-x'], '"-x" is not a node name'],
    [['--policies-per-svm', '0'], '--policies-per-svm: "0" is not a number from 1'],
    [['--policies-per-cluster', 'many'], '--policies-per-cluster: "many" is not a number from 1'],
    [['--metrics-listen', 'x'], '--metrics-listen: "x" is not HOST:PORT'],
    [['--log-level', 'loud'], '"loud" is not one of fatal'],
    [['--log-format', 'xml'], '"xml" is not one of text, json'],
    [['--config', '/does/not/exist'], 'cannot read /does/not/exist'],
    [['--config', file('bad.json', '{')], 'is not JSON'],
    [['--config', file('list.json', '[]')], 'must hold one JSON object'],
    [['--config', file('unknown.json', '{"lisen": ":1"}')], 'unknown setting "lisen"; known are listen'],
    [['--config', file('number.json', '{"listen": 8443}')], '"listen" must be a string'],
    [['--audit-keep-days', '-1'], '--audit-keep-days: "-1" is not a number from 1'],
    [['--listen'], '--listen: the value is missing. --help tells'],
    [['--listen', '--check-config'], '--listen: the value is missing. --help tells'],
    [['--check-config=yes'], '--check-config takes no value'],
    [['--nonsense'], 'There is no option --nonsense. --help tells'],
    [['-n'], 'There is no option -n. --help tells'],
    [['stray'], '"stray" is one argument too many. --help tells'],
    [['--'], '"--" is one argument too many'],
  ])('say what is wrong with %j', (args, sentence) => {
    expect(complaint(args)).toContain(sentence);
  });

  it('report every wrong value at once, each with where it came from', () => {
    const message = complaint(['--listen', 'x'], { ESPLANADE_LOG_LEVEL: 'loud' });
    expect(message).toContain('--listen: "x"');
    expect(message).toContain('ESPLANADE_LOG_LEVEL: "loud"');
  });
});
