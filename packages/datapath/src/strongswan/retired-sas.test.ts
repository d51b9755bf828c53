import type { PolicyUuid } from '@esplanade/domain';
import { issueAuthority, issueHost } from '@esplanade/domain/testing/certificates';
import { Message, type ViciEvent } from '@esplanade/vici';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CharonWatch, ListedSas } from './charon-watch.ts';
import { compileEntry } from './connection-mapping.ts';
import { EntriesInForce } from './entries-in-force.ts';
import type { Installer } from './installer.ts';
import { RetiredSas } from './retired-sas.ts';
import type { SaControl } from './sa-control.ts';
import { SaObserver } from './sa-observer.ts';
import { certificateEntry } from './testing/certificate-entries.ts';
import { settings } from './testing/entries.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const north = issueAuthority('/O=Lighthouses/CN=North');
const south = issueAuthority('/O=Lighthouses/CN=South');
const shown = issueHost({ subject: '/O=Lighthouses/CN=ours', issuer: north });
const before = certificateEntry(1, { shown, believed: [north, south] });
const now = certificateEntry(1, { shown, believed: [north] });

const compiled = (entry: typeof now, n: number) => {
  const uuid = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}` as PolicyUuid;
  return compileEntry({ ...entry, policy: { ...entry.policy, uuid } }, settings, n);
};
const said = (ikeId: string, msg: string): ViciEvent => ({
  kind: 'event',
  name: 'log',
  message: Message.from({ 'ikesa-uniqueid': ikeId, msg }),
});

/** Policies with an SA each that came up while South was believed too, the first vouched for by South. */
async function givenSas(count: number) {
  const inForce = new EntriesInForce();
  const rows: Message[] = [];
  for (let n = 1; n <= count; n += 1) {
    const former = compiled(before, n);
    inForce.set(former.policyUuid, compiled(now, n));
    const child = { name: former.childName, uniqueid: `${n}`, state: 'INSTALLED' };
    const ikeSa = {
      uniqueid: `${n}`,
      state: 'ESTABLISHED',
      'child-sas': { [`${former.childName}-${n}`]: child },
    };
    rows.push(Message.from({ [former.connection.name]: ikeSa }));
  }
  const asked: ListedSas[] = [];
  const watch = {
    listSas: async (_signal?: AbortSignal, which: ListedSas = {}) => {
      asked.push(which);
      return rows.filter((row) =>
        row.sections().some(([name]) => which.ike === undefined || which.ike === name),
      );
    },
  } as unknown as CharonWatch;
  const installer = { formLike: () => undefined } as unknown as Installer;
  const observer = new SaObserver({ nodeUuid: 'node', ipspaceUuid: 'ipspace' }, watch, installer);
  await observer.list();
  for (let n = 1; n <= count; n += 1) {
    const ca = n === 1 ? 'South' : 'North';
    observer.heard(said(`${n}`, `  using trusted ca certificate "O=Lighthouses, CN=${ca}"`));
    observer.heard(said(`${n}`, "authentication of 'CN=keeper' with ECDSA_WITH_SHA384_DER successful"));
  }
  const ended: string[] = [];
  const sas = {
    takeDown: async (which: { readonly 'ike-id'?: string }) => void ended.push(which['ike-id'] ?? ''),
  } as unknown as SaControl;
  const retired = new RetiredSas({ observer, sas, onDistrusted: () => undefined });
  return { inForce, observer, retired, asked, ended };
}

describe('SAs that came up while another CA was believed too', () => {
  it('leave where that one vouched for the remote', async () => {
    const { inForce, retired } = await givenSas(3);
    expect(retired.leaving(inForce)).toEqual([compiled(before, 1).childName]);
  });

  it('are looked through once, however many policies there are', async () => {
    const looksAt = async (count: number): Promise<number> => {
      const { inForce, retired } = await givenSas(count);
      const looks = vi.spyOn(Message.prototype, 'sections');
      expect(retired.leaving(inForce)).toHaveLength(1);
      const { length } = looks.mock.calls;
      looks.mockRestore();
      return length;
    };
    const few = await looksAt(40);
    expect(few).toBeGreaterThan(0);
    expect(await looksAt(80)).toBeLessThanOrEqual(2 * few);
  });

  it('are asked for by their connection and child where charon has to be asked', async () => {
    const { inForce, observer, retired, asked, ended } = await givenSas(3);
    observer.restarted();
    observer.heard(said('1', '  using trusted ca certificate "O=Lighthouses, CN=South"'));
    observer.heard(said('1', "authentication of 'CN=keeper' with ECDSA_WITH_SHA384_DER successful"));
    asked.length = 0;
    const former = compiled(before, 1);
    const child = { connectionName: former.connection.name, childName: former.childName };
    await retired.takeDown(former.policyUuid, inForce.get(former.policyUuid), {
      children: [child],
      connections: new Set([child.connectionName]),
    });
    expect(asked).toEqual([{ ike: child.connectionName, child: child.childName }]);
    expect(ended).toEqual(['1']);
  });
});
