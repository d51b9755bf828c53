import { isPolicyUuid, type PolicyUuid, type RevocationList } from '@esplanade/domain';
import { Message } from '@esplanade/vici';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../../test/support/eventually.ts';
import { DatapathUnavailableError } from '../errors.ts';
import { RevokedRemotes } from './revoked-remotes.ts';
import type { ListedIkeSa } from './sa-control.ts';

function list(sha256: string, revoked: readonly string[], issuer = 'ca'): RevocationList {
  const times = { thisUpdateMs: 0, nextUpdateMs: 0 };
  return { der: new Uint8Array(), issuer, sha256, number: 1n, ...times, revoked: new Set(revoked) };
}

function uuid(n: number): PolicyUuid {
  const text = `d0000000-0000-4000-8000-00000000000${n}`;
  if (!isPolicyUuid(text)) throw new Error(text);
  return text;
}

const current = 'esplanade-pki-000000000001';
const former = 'esplanade-pki-000000000002';
const childOf = (n: number): string => `${uuid(n)}-00000000000a`;

/** What becomes of an IKE SA that is to be reauthenticated, and whose it is. */
interface Sa {
  readonly fate: 'proves' | 'refused' | 'silent';
  readonly connectionName?: string;
  readonly state?: string;
  readonly policies?: readonly number[];
}

const opened: RevokedRemotes[] = [];
afterEach(() => Promise.all(opened.splice(0).map((remotes) => remotes.close())));

/** A charon whose IKE SAs do as they are told to. Policies 1 and 2 share a connection. */
function fixture(given: Readonly<Record<string, Sa>>) {
  const sas = new Map<string, ListedIkeSa & Pick<Sa, 'fate'>>();
  const asked: string[] = [];
  const ended: string[] = [];
  const begun: string[] = [];
  let last = 0;
  const failing = { listings: 0 };
  const add = (id: string, { fate, connectionName = current, state = 'ESTABLISHED', policies = [1] }: Sa) => {
    last = Math.max(last, Number(id));
    sas.set(id, { id, connectionName, state, childNames: policies.map(childOf), fate });
  };
  for (const [id, sa] of Object.entries(given)) add(id, sa);
  const entries = [1, 2].map((n) => ({
    policyUuid: uuid(n),
    connection: { name: current },
    childName: `${uuid(n)}-00000000000b`,
    negotiation: { canInitiate: true },
  }));
  const remotes = new RevokedRemotes({
    firstPauseMs: 1,
    retryMs: { least: 1, most: 5 },
    pollMs: 1,
    boundMs: 50,
    inForce: new Map(entries.map((entry) => [entry.policyUuid, entry])),
    sas: {
      ikeSas: async () => {
        if (failing.listings-- > 0) throw new DatapathUnavailableError('no answer');
        return [...sas.values()];
      },
      statesOf: async (name) =>
        new Map([...sas.values()].flatMap((sa) => (sa.connectionName === name ? [[sa.id, sa.state]] : []))),
      reauthenticate: async (id) => {
        asked.push(id);
        const sa = sas.get(id);
        if (sa?.fate === 'silent') add(String(last + 1), { fate: 'silent', state: 'CONNECTING' });
        if (sa?.fate !== 'proves') return;
        sas.delete(id);
        add(String(last + 1), { fate: 'proves', connectionName: sa.connectionName });
      },
      takeDown: async (which) => {
        if (!('ike-id' in which)) throw new Error('of which nobody spoke');
        ended.push(which['ike-id']);
        sas.delete(which['ike-id']);
      },
      hasSa: async () => false,
      initiateOneByOne: async (name, childName) => {
        begun.push(`${name} ${childName}`);
        return true;
      },
    },
  });
  opened.push(remotes);
  const consider = (n: number, ...revocationLists: readonly RevocationList[]) =>
    remotes.consider({ policyUuid: uuid(n), negotiation: { credentials: { trust: { revocationLists } } } });
  const done = () => eventually('nothing is left to do', async () => !remotes.isUnderWay);
  return { remotes, consider, done, asked, ended, begun, add, sas, failing };
}

describe('a newer revocation list', () => {
  it('has remotes prove themselves again, and ends the IKE SAs of those that cannot', async () => {
    const { consider, done, asked, ended } = fixture({
      1: { fate: 'proves' },
      2: { fate: 'refused' },
      3: { fate: 'silent' },
    });
    consider(1, list('1', []));
    expect(asked).toEqual([]);
    consider(1, list('2', ['0A']));
    await done();
    expect(asked).toEqual(['1', '2', '3']);
    expect(ended).toEqual(['2', '3']);
  });

  it('that revokes nothing new leaves all IKE SAs as they are', async () => {
    const { consider, done, asked } = fixture({ 1: { fate: 'proves' } });
    consider(1, list('1', ['0A', '0B']));
    await done();
    consider(1, list('2', ['0A']));
    consider(1, list('2', ['0A']));
    await done();
    expect(asked).toEqual(['1']);
  });

  it('counts once for all policies of a connection, whenever they come to it', async () => {
    const { consider, done, asked } = fixture({ 1: { fate: 'proves', policies: [1, 2] } });
    consider(1, list('1', ['0A']));
    await done();
    consider(2, list('1', ['0A']));
    await done();
    expect(asked).toEqual(['1']);
  });

  it('leaves IKE SAs of other policies and of others alone', async () => {
    const { consider, done, asked, ended } = fixture({
      1: { fate: 'proves', connectionName: 'theirs', policies: [] },
      2: { fate: 'proves', connectionName: former, policies: [3] },
      3: { fate: 'proves' },
    });
    consider(1, list('1', ['0A']));
    await done();
    expect([asked, ended]).toEqual([['3'], []]);
  });

  it('ends IKE SAs of a former connection, after what is in force now was begun', async () => {
    const { consider, done, asked, ended, begun } = fixture({
      1: { fate: 'refused', connectionName: former },
      2: { fate: 'refused', connectionName: former, policies: [] },
    });
    consider(1, list('1', ['0A']));
    await done();
    expect(asked).toEqual([]);
    expect(ended.sort()).toEqual(['1', '2']);
    expect(begun).toEqual([`${current} ${uuid(1)}-00000000000b`]);
  });

  it('is considered again when charon did not answer', async () => {
    const { consider, done, asked, failing } = fixture({ 1: { fate: 'proves' } });
    failing.listings = 3;
    consider(1, list('1', ['0A']));
    await done();
    expect(asked).toEqual(['1']);
  });

  it('is asked of every one of many remotes that do not answer', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => String(index + 1));
    const silent = Object.fromEntries(ids.map((id) => [id, { fate: 'silent' } as const]));
    const { consider, done, ended } = fixture(silent);
    consider(1, list('1', ['0A']));
    await done();
    expect(new Set(ended)).toEqual(new Set(ids));
  });

  it('reaches IKE SAs that are only coming up, and those that another is rekeyed to', async () => {
    const { remotes, consider, done, asked, sas, add } = fixture({
      1: { fate: 'proves', state: 'CONNECTING' },
      2: { fate: 'proves', state: 'REKEYING' },
      3: { fate: 'proves' },
    });
    consider(1, list('1', ['0A']));
    await eventually('the third was asked', async () => asked.includes('3'));
    sas.delete('2');
    add('9', { fate: 'proves' });
    const ids = { old: { uniqueid: '2' }, new: { uniqueid: '9' } };
    remotes.heard({ kind: 'event', name: 'ike-rekey', message: Message.from({ [current]: ids }) });
    add('1', { fate: 'proves' });
    await done();
    expect(asked.sort()).toEqual(['1', '3', '9']);
  });

  it('of another CA is held against what that one had revoked, and two lists of one CA do not begin anew', async () => {
    const { consider, done, asked } = fixture({ 1: { fate: 'proves' } });
    consider(1, list('1', ['0A'], 'coast'));
    await done();
    expect(asked.length).toBe(1);
    const both = [list('1', ['0A'], 'coast'), list('2', ['0A'], 'reef'), list('3', ['0B'], 'reef')];
    for (let time = 0; time < 3; time += 1) {
      consider(1, ...both);
      await done();
    }
    expect(asked.length).toBe(2);
  });

  it('counts anew after charon was started anew', async () => {
    const { remotes, consider, done, asked } = fixture({ 1: { fate: 'proves' } });
    consider(1, list('1', ['0A']));
    await done();
    remotes.restarted();
    consider(1, list('1', ['0A']));
    await done();
    expect(asked).toEqual(['1', '2']);
  });
});
