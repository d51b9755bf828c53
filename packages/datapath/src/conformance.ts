import {
  type IpsecPolicy,
  isPolicyUuid,
  type PolicyUuid,
  priorityOf,
  Secret,
  type SpdEntry,
} from '@esplanade/domain';
import { entry, selector } from '@esplanade/domain/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Datapath, DatapathEvent } from './datapath.ts';
import { entryFingerprint } from './entry-fingerprint.ts';
import { DatapathUnavailableError } from './errors.ts';

/** A driver with a daemon of its own, nothing of ours installed yet, and what a test may do to that daemon. */
export interface DatapathHarness {
  readonly datapath: Datapath;
  /** Another driver on the same daemon; the test closes it. */
  reopen(): Promise<Datapath>;
  /** Ends the daemon as SIGKILL would. */
  kill(): Promise<void>;
  /** Starts it again after `kill`. */
  restart(): Promise<void>;
  /** Creates something in the daemon that is not ours. Absent when the daemon cannot hold such. */
  readonly foreign?: {
    readonly connectionName: string;
    create(): Promise<void>;
    isThere(): Promise<boolean>;
  };
  /** Sends packets that the policy is about, where its SAs need that to come up. */
  readonly sendTraffic?: (policy: IpsecPolicy) => Promise<void>;
  /** Ends driver and daemon, whatever state they are in. */
  stop(): Promise<void>;
}

/** Parts of the suite that a driver's surroundings may not allow. */
export type ConformancePart = 'security associations' | 'foreign configuration';

/** How the suite is to go about a driver. */
export interface ConformanceOptions {
  /** Parts to skip, each with the reason, which is printed. */
  readonly skips?: Partial<Record<ConformancePart, string>>;
  /** Addresses for policies; both sides exist where SAs come up. */
  readonly endpoints?: { readonly local: string; readonly remote: string };
}

/** How long a daemon may take to do what it was asked. */
const patienceMs = 15_000;
const settings = { replayWindow: 64 };

/** The suite that every driver passes: what datapath.ts promises, as far as one can see it from outside. */
export function describeDatapathConformance(
  name: string,
  open: () => Promise<DatapathHarness>,
  options: ConformanceOptions = {},
): void {
  const { local, remote } = options.endpoints ?? { local: '10.9.0.1', remote: '10.9.0.2' };
  const part = (which: ConformancePart, body: () => void): void => {
    const reason = options.skips?.[which];
    if (reason === undefined) describe(which, body);
    else describe.skip(`${which} (${reason})`, body);
  };
  const esp = (n: number, over: Partial<IpsecPolicy> = {}): SpdEntry =>
    entryOf(n, `${local}/32`, `${remote}/32`, over);

  describe(`${name} as a datapath`, () => {
    let harness: DatapathHarness;
    let datapath: Datapath;
    beforeEach(async () => {
      harness = await open();
      datapath = harness.datapath;
    });
    afterEach(() => harness.stop());

    const forms = async (uuid: PolicyUuid, from = datapath): Promise<readonly string[]> =>
      (await from.installed()).filter((row) => row.policyUuid === uuid).map((row) => row.fingerprint);
    const isInstalled = async (entry: SpdEntry, from = datapath): Promise<void> =>
      expect(await forms(entry.policy.uuid, from)).toEqual([entryFingerprint(entry, settings)]);

    describe('installing', () => {
      test('holds nothing of ours at first', async () => {
        expect(await datapath.installed()).toEqual([]);
      });

      test('shows each kind of policy by the fingerprint of its form', async () => {
        const entries = [
          esp(1),
          entryOf(2, `${local}/32`, '10.9.1.0/24', { action: 'bypass', authentication: { kind: 'none' } }),
          entryOf(3, `${local}/32`, '10.9.2.0/24', { action: 'discard', authentication: { kind: 'none' } }),
          entryOf(4, 'fd00:9::1/128', 'fd00:9::2/128'),
          entryOf(5, `${local}/32`, '10.9.3.0/24', { action: 'esp_udp' }),
        ];
        for (const entry of entries) await datapath.install(entry, settings);
        for (const entry of entries) await isInstalled(entry);
        expect(await datapath.installed()).toHaveLength(entries.length);
      });

      test('installing the same again changes nothing', async () => {
        await datapath.install(esp(1), settings);
        await datapath.install(esp(1), settings);
        await isInstalled(esp(1));
      });

      test('a changed policy takes the place of its older form and is never absent meanwhile', async () => {
        await datapath.install(esp(1), settings);
        const other = esp(1, { cipherSuite: 'suite_aescbc' });
        let isDone = false;
        const change = datapath.install(other, settings).finally(() => {
          isDone = true;
        });
        do expect(await forms(other.policy.uuid)).not.toEqual([]);
        while (!isDone);
        await change;
        await isInstalled(other);
      });

      test('a changed traffic selector and a changed setting are changes of the form', async () => {
        await datapath.install(esp(1), settings);
        const narrower = withPort(esp(1), 2049);
        await datapath.install(narrower, settings);
        await isInstalled(narrower);
        await datapath.install(narrower, { replayWindow: 128 });
        expect(await forms(narrower.policy.uuid)).toEqual([
          entryFingerprint(narrower, { replayWindow: 128 }),
        ]);
      });

      test('many at once are all there, and doing it again changes nothing', async () => {
        const entries = [1, 2, 3, 4, 5, 6].map((n) => withPort(esp(n), 2000 + n));
        expect(await datapath.installAll(entries, settings)).toEqual(new Map());
        const before = await datapath.installed();
        expect(before).toHaveLength(entries.length);
        expect(await datapath.installAll(entries, settings)).toEqual(new Map());
        expect(sorted(await datapath.installed())).toEqual(sorted(before));
      });
    });

    describe('removing', () => {
      test('what is not there is removed with success', async () => {
        await datapath.remove(uuidOf(99));
        await datapath.install(esp(1), settings);
        await datapath.remove(esp(1).policy.uuid);
        await datapath.remove(esp(1).policy.uuid);
        expect(await datapath.installed()).toEqual([]);
      });

      test('of two policies between the same hosts, removing one leaves the other', async () => {
        const [nfs, smb] = [withPort(esp(1), 2049), withPort(esp(2), 445)];
        await datapath.installAll([nfs, smb], settings);
        await datapath.remove(nfs.policy.uuid);
        expect(await forms(nfs.policy.uuid)).toEqual([]);
        await isInstalled(smb);
      });

      test('policies stay when the driver closes, and another driver sees and removes them', async () => {
        await datapath.install(esp(1), settings);
        await datapath.close();
        const other = await harness.reopen();
        expect(await forms(esp(1).policy.uuid, other)).toHaveLength(1);
        expect(await other.installAll([esp(1)], settings)).toEqual(new Map());
        await isInstalled(esp(1), other);
        await other.remove(esp(1).policy.uuid);
        expect(await other.installed()).toEqual([]);
        await other.close();
      });
    });

    part('foreign configuration', () => {
      test('is shown by name, and neither listed as ours nor touched', async () => {
        const { foreign } = harness;
        if (foreign === undefined) throw new Error('the harness cannot create foreign configuration');
        await foreign.create();
        await datapath.install(esp(1), settings);
        expect(await datapath.installed()).toHaveLength(1);
        expect(datapath.foreignConnections().map(({ name }) => name)).toEqual([foreign.connectionName]);
        await datapath.remove(esp(1).policy.uuid);
        expect(await foreign.isThere()).toBe(true);
      });
    });

    describe('the daemon', () => {
      test('is heard of first as connected, and the stream ends when asked to', async () => {
        const stop = new AbortController();
        const events = new EventReader(datapath.events(stop.signal));
        expect(await events.next()).toEqual({ kind: 'connected' });
        stop.abort();
        await events.end();
      });

      test('is heard of as lost when it dies and connected when it is back, then takes everything again', async () => {
        const stop = new AbortController();
        const events = new EventReader(datapath.events(stop.signal));
        await events.until('connected');
        await datapath.install(esp(1), settings);

        await harness.kill();
        const lost = await events.until('lost');
        expect(lost.kind === 'lost' && lost.reason).toMatch(/\w/);
        await expect(datapath.install(esp(2), settings)).rejects.toThrow(DatapathUnavailableError);
        await expect(datapath.installAll([esp(2)], settings)).rejects.toThrow(DatapathUnavailableError);
        await expect(datapath.remove(esp(1).policy.uuid)).rejects.toThrow(DatapathUnavailableError);
        await expect(datapath.installed()).rejects.toThrow(DatapathUnavailableError);
        await expect(datapath.securityAssociations()).rejects.toThrow(DatapathUnavailableError);

        await harness.restart();
        await events.until('connected');
        expect(await datapath.installAll([esp(1)], settings)).toEqual(new Map());
        await isInstalled(esp(1));
        stop.abort();
        await events.end();
      });

      test('is heard of as lost by who begins to listen while it is down', async () => {
        await harness.kill();
        const stop = new AbortController();
        const events = new EventReader(datapath.events(stop.signal));
        expect((await events.next())?.kind).toBe('lost');
        stop.abort();
        await events.end();
      });

      test('is not asked anything by an operation that was cancelled before it began', async () => {
        const signal = AbortSignal.abort(new Error('cancelled'));
        await expect(datapath.install(esp(1), settings, signal)).rejects.toThrow();
        await expect(datapath.installAll([esp(1)], settings, signal)).rejects.toThrow();
        await expect(datapath.remove(esp(1).policy.uuid, signal)).rejects.toThrow();
        await expect(datapath.installed(signal)).rejects.toThrow();
        await expect(datapath.securityAssociations(signal)).rejects.toThrow();
        expect(await datapath.installed()).toEqual([]);
      });
    });

    part('security associations', () => {
      const childrenOf = async (entry: SpdEntry) =>
        (await datapath.securityAssociations()).filter(
          (sa) => sa.kind === 'ipsec' && sa.policyUuid === entry.policy.uuid,
        );
      const bringUp = async (entry: SpdEntry): Promise<void> => {
        await datapath.install(entry, settings);
        await harness.sendTraffic?.(entry.policy);
        await expect.poll(() => childrenOf(entry), { timeout: patienceMs }).not.toEqual([]);
      };

      test('a policy between two hosts brings up an IKE SA and a CHILD SA that hangs on it', async () => {
        await bringUp(esp(1));
        const [child] = await childrenOf(esp(1));
        const ike = (await datapath.securityAssociations()).find(
          (sa) => child?.kind === 'ipsec' && sa.uuid === child.ikeUuid,
        );
        expect(child).toMatchObject({ localAddress: local, remoteAddress: remote, state: 'installed' });
        expect(ike).toMatchObject({ kind: 'ike', state: 'established', policyUuid: esp(1).policy.uuid });
      });

      test('uuids stay the same from one listing to the next and under another driver', async () => {
        await bringUp(esp(1));
        const before = await uuids(datapath);
        expect(await uuids(datapath)).toEqual(before);
        const other = await harness.reopen();
        expect(await uuids(other)).toEqual(before);
        await other.close();
      });

      test('two policies between the same hosts share an IKE SA, and the second outlives the first', async () => {
        const [nfs, smb] = [withPort(esp(1), 2049), withPort(esp(2), 445)];
        await bringUp(nfs);
        await bringUp(smb);
        const ikeSas = (await datapath.securityAssociations()).filter((sa) => sa.kind === 'ike');
        expect(ikeSas).toHaveLength(1);
        const survivor = (await childrenOf(smb)).map((sa) => sa.uuid);
        await datapath.remove(nfs.policy.uuid);
        await expect.poll(() => childrenOf(nfs), { timeout: patienceMs }).toEqual([]);
        expect((await childrenOf(smb)).map((sa) => sa.uuid)).toEqual(survivor);
        await datapath.remove(smb.policy.uuid);
        await expect.poll(() => datapath.securityAssociations(), { timeout: patienceMs }).toEqual([]);
      });

      test('a change of one policy leaves the SAs of another as they are', async () => {
        const [nfs, smb] = [withPort(esp(1), 2049), withPort(esp(2), 445)];
        await bringUp(nfs);
        await bringUp(smb);
        const before = (await childrenOf(smb)).map((sa) => sa.uuid);
        await datapath.install(withPort(esp(1), 111), settings);
        expect((await childrenOf(smb)).map((sa) => sa.uuid)).toEqual(before);
      });
    });
  });
}

/** Takes events one after another, each within the suite's patience. */
class EventReader {
  readonly #events: AsyncIterator<DatapathEvent>;

  constructor(events: AsyncIterable<DatapathEvent>) {
    this.#events = events[Symbol.asyncIterator]();
  }

  async next(): Promise<DatapathEvent | undefined> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error('no event came')), patienceMs);
    try {
      const result = await Promise.race([this.#events.next(), late.promise]);
      return result.done === true ? undefined : result.value;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The next event of that kind; others are skipped. */
  async until(kind: DatapathEvent['kind']): Promise<DatapathEvent> {
    for (let event = await this.next(); event !== undefined; event = await this.next())
      if (event.kind === kind) return event;
    throw new Error(`the events ended without "${kind}"`);
  }

  async end(): Promise<void> {
    while ((await this.next()) !== undefined);
  }
}

function entryOf(n: number, local: string, remote: string, over: Partial<IpsecPolicy> = {}): SpdEntry {
  const psk = new Secret(Buffer.from('a key for the conformance suite'), 'c0ffee');
  const authentication = { kind: 'psk', psk } as const;
  return entry(n, { uuid: uuidOf(n), selector: selector(local, remote), authentication, ...over });
}

/** The same entry for TCP to one port of the remote. */
function withPort({ policy }: SpdEntry, remotePort: number): SpdEntry {
  const selector = { ...policy.selector, protocol: 6, remotePort };
  return { policy: { ...policy, selector }, priority: priorityOf(selector) };
}

function uuidOf(n: number): PolicyUuid {
  const text = `c0000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
  if (!isPolicyUuid(text)) throw new Error(`not a uuid: ${text}`);
  return text;
}

function sorted<Row extends { readonly policyUuid: PolicyUuid }>(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted((a, b) => (a.policyUuid < b.policyUuid ? -1 : 1));
}

async function uuids(datapath: Datapath): Promise<readonly string[]> {
  return (await datapath.securityAssociations()).map((sa) => sa.uuid).toSorted();
}
