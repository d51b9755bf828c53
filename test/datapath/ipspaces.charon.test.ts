import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { ViciClient } from '@esplanade/vici';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import type { Daemon } from '../support/daemon.ts';
import { eventually } from '../support/eventually.ts';
import { ManyIpspaces } from '../support/many-ipspaces.ts';
import { swanctl } from '../support/stock-peer.ts';
import { kernelPolicies, kernelPolicyText } from '../support/xfrm.ts';

type Name = 'red' | 'blue';

const names = ['red', 'blue'] as const;
const wish = { name: 'flow', local: '10.9.0.1', remote: '10.9.0.2', protocol: 'udp' };

/** Everything of two IPspaces is the same but the keys. No packet is sent: the host's kernel may have no ESP. */
describe('several IPspaces on one node', () => {
  let stage: ManyIpspaces<Name>;
  const launchers = new Map<Name, Daemon>();
  const policies = new Map<Name, string>();

  const policyOf = (name: Name): string => policies.get(name) ?? '';
  const charonOf = async (name: Name): Promise<number> => {
    const { stdout } = await runCommand('ip', ['netns', 'pids', stage.ours(name).namespace]);
    for (const pid of stdout.trim().split('\n')) {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      if (environment.includes(`/charon/${name}.charon.conf\0`)) return Number(pid);
    }
    throw new Error(`no charon of ${name} runs`);
  };
  /** What is in force, but for when neighbour discovery last passed. */
  const kernelTextOf = async (name: Name): Promise<string> =>
    (await kernelPolicyText(stage.ours(name))).replaceAll(/ use .*$/gm, '');
  const ourConnections = async (name: Name, which?: 'guard'): Promise<readonly string[]> => {
    const listed = await swanctl(stage.socket(name, which), '--list-conns');
    return listed.split('\n').filter((line) => /^esplanade-/.test(line));
  };
  const logged = (pattern: RegExp) =>
    eventually(String(pattern), () => stage.server.log.find((line) => pattern.test(line)));

  beforeAll(async () => {
    stage = await ManyIpspaces.start(names);
  });
  afterAll(async () => stage?.[Symbol.asyncDispose]());
  beforeEach(({ onTestFailed }) =>
    onTestFailed(() => {
      const logs = [stage.server.log, ...[...launchers.values()].map(({ log }) => log)];
      console.error(logs.map((log) => log.slice(-40).join('\n')).join('\n----\n'));
    }),
  );

  it('take policies before they have a charon, and say which socket is missing', async () => {
    for (const name of names) {
      await stage.create(name);
      policies.set(name, await stage.policy(name, { ...wish, secretKey: `a key of the IPspace ${name}` }));
      const status = await stage.operator.status(policyOf(name));
      expect(status).toMatchObject({ state: 'pending', ipspace: { name } });
      expect(status.reason).toContain(`${stage.socket(name)} gives no answer: there is no such socket`);
    }
    await stage.operator.expect(201, 'POST', '/api/network/ipspaces', { name: 'green' });
    const green = await eventually('the health of green', async () => {
      const { ipspaces } = (await stage.operator.readiness()).body.datapath;
      return ipspaces.find(({ ipspace, reason }) => ipspace === 'green' && reason?.includes('socket'));
    });
    expect(green.reason).toContain('/run/esplanade/vici/green.sock gives no answer');
    expect(green.reason).toContain('"esplanade-charon --ipspace green" starts it');
    await stage.operator.expect(200, 'DELETE', '/api/network/ipspaces?name=green');
  });

  it('are each picked up when its sockets appear, and no other with it', async () => {
    for (const [index, name] of names.entries()) {
      // Tried once more, the test finds them running.
      if (!launchers.has(name)) launchers.set(name, await stage.launch(name));
      await eventually('charon listens', () => existsSync(stage.socket(name)), {
        deadlineMilliseconds: 30_000,
      });
      const appearedMs = performance.now();
      await stage.untilApplied(policyOf(name));
      console.info(
        `IPspace ${name}: applied ${Math.round(performance.now() - appearedMs)} ms after its socket`,
      );
      expect(await ourConnections(name)).not.toEqual([]);
      for (const later of names.slice(index + 1).filter((each) => !launchers.has(each))) {
        expect((await stage.operator.status(policyOf(later))).state).toBe('pending');
        expect(await kernelPolicies(stage.ours(later))).toEqual([]);
      }
    }
    const held = await eventually('guards are used', async () => {
      const { ipspaces } = (await stage.operator.readiness()).body.datapath;
      const own = ipspaces.filter(({ ipspace }) => ipspace !== 'Default');
      // The guard's socket may have been seen a moment after charon's.
      return own.every(({ ready, guard }) => ready && guard === 'present') && own;
    });
    expect(held).toHaveLength(names.length);
  });

  it('are told apart in the metrics and in the listing of policies', async () => {
    const metrics = String((await stage.server.call('GET', '/metrics')).body);
    for (const name of names) {
      expect(metrics).toContain(`esplanade_datapath_up{ipspace="${name}"} 1\n`);
      expect(metrics).toContain(`esplanade_policies{ipspace="${name}",state="applied"} 1\n`);
      const path = `/api/security/ipsec/policies?ipspace.name=${name}&name=flow`;
      const { records } = await stage.operator.expect<{ records: { uuid: string }[] }>(200, 'GET', path);
      expect(records.map(({ uuid }) => uuid)).toEqual([policyOf(name)]);
      expect(await stage.sas(name)).toEqual([]);
    }
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'stay as they are when the charon of another ends by %s',
    async (signal) => {
      const before = await kernelTextOf('blue');
      const killed = await charonOf('red');
      process.kill(killed, signal);
      await stage.operator.until(policyOf('red'), ({ state }) => state === 'pending');
      expect((await stage.operator.status(policyOf('blue'))).state).toBe('applied');
      await stage.untilApplied(policyOf('red'));
      expect(await charonOf('red')).not.toBe(killed);
      // The launcher of red removed what a killed charon leaves, in its own namespace: policies of blue keep even their
      // index.
      expect(await kernelTextOf('blue')).toBe(before);
      const metrics = String((await stage.server.call('GET', '/metrics')).body);
      expect(metrics).toContain('esplanade_drift_total{ipspace="blue",kind="missing"} 0\n');
    },
  );

  it('do not go while they hold policies, and leave nothing of ours in their charon when they go', async () => {
    await stage.operator.expect(409, 'DELETE', '/api/network/ipspaces?name=red');
    const client = new ViciClient({ path: stage.socket('red') });
    const children = { theirs: { mode: 'pass', local_ts: ['10.1.0.0/16'], remote_ts: ['10.2.0.0/16'] } };
    await client.request('load-conn', { theirs: { remote_addrs: ['127.0.0.1'], children } });
    client.close();
    await stage.operator.delete(policyOf('red'));
    await stage.delete('red');
    await logged(/IPspace red was deleted: .* of ours taken out of charon at /);
    expect(await swanctl(stage.socket('red'), '--list-conns')).toMatch(/^theirs:/);
    expect(await ourConnections('red')).toEqual([]);
    expect(await ourConnections('red', 'guard')).toEqual([]);
    expect((await stage.operator.status(policyOf('blue'))).state).toBe('applied');
  });

  it('come back under the same name at once', async () => {
    for (const round of [1, 2, 3]) {
      await stage.create('red');
      policies.set(
        'red',
        await stage.policy('red', { ...wish, secretKey: `key number ${round} of red, anew` }),
      );
      await stage.untilApplied(policyOf('red'));
      if (round === 3) break;
      await stage.operator.delete(policyOf('red'));
      await stage.delete('red');
    }
    expect(await ourConnections('red')).toHaveLength(2);
    expect((await stage.operator.status(policyOf('blue'))).state).toBe('applied');
  });

  it.skipIf(process.env['ESPLANADE_CAMPAIGN'] !== 'full')(
    'that are deleted while their charon hangs say that something is left, and a new one of that name clears it away',
    async () => {
      const charon = await charonOf('red');
      process.kill(charon, 'SIGSTOP');
      try {
        await stage.operator.delete(policyOf('red'));
        await stage.delete('red');
        await logged(
          /IPspace red was deleted: policies and SAs of ours may be left in it .* create an IPspace red again/,
        );
      } finally {
        process.kill(charon, 'SIGCONT');
      }
      expect(await ourConnections('red')).not.toEqual([]);
      await stage.create('red');
      await eventually('only what every IPspace has is there', async () => {
        const left = [...(await ourConnections('red')), ...(await ourConnections('red', 'guard'))];
        return left.every((line) => line.startsWith('esplanade-neighbour-discovery'));
      });
    },
  );

  it('move to another network namespace of the same name', async () => {
    const { namespace } = stage.ours('blue');
    await runCommand('ip', ['netns', 'delete', namespace]);
    await runCommand('ip', ['netns', 'add', namespace]);
    await eventually(
      'the new namespace has the policy and its block',
      async () => {
        const held = await kernelPolicies(stage.ours('blue'));
        return held.filter(({ source }) => source === '10.9.0.1/32').length >= 2;
      },
      { deadlineMilliseconds: 40_000 },
    );
    await stage.untilApplied(policyOf('blue'));
  });
});
