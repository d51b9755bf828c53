import { identityKey, parseIdentity } from '@esplanade/domain';
import { ViciClient, ViciCommandError } from '@esplanade/vici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IpspaceDaemons } from '../../../../test/support/charon.ts';
import { Network } from '../../../../test/support/network.ts';
import { startDaemons } from './testing/conformance-harness.ts';

let network: Network<'ours'>;
let daemons: IpspaceDaemons;
let vici: ViciClient;

beforeAll(async () => {
  network = await Network.create(['ours']);
  daemons = await startDaemons(network.hosts.ours);
  vici = new ViciClient({ path: daemons.charon.socket });
});
afterAll(async () => {
  vici.close();
  await daemons.close();
  await network.close();
});

/** Whether charon takes a text for the owner of a key. */
async function takenForOwner(text: string): Promise<boolean> {
  const id = 'key-under-test';
  const key = { id, type: 'IKE', data: 'the key of a test', owners: [text] };
  try {
    await vici.request('load-shared', key);
  } catch (error) {
    if (error instanceof ViciCommandError) return false;
    throw error;
  }
  await vici.request('unload-shared', { id });
  return true;
}

/** How charon prints the identity that it reads in a text. */
async function readByCharon(text: string): Promise<string | undefined> {
  const name = 'identity-under-test';
  await vici.request('load-conn', { [name]: { version: '2', remote: { auth: 'psk', id: text } } });
  const [row] = await vici.list('list-conns', 'list-conn', { ike: name });
  await vici.request('unload-conn', { name });
  return row?.section(name)?.section('remote-1')?.text('id');
}

describe('an identity that the API takes', () => {
  it.each([
    ['storage', 'storage'],
    ['@storage', 'storage'],
    ['fqdn:storage', 'storage'],
    ['fqdn:#73746f72616765', 'storage'],
    ['dns:storage', 'storage'],
    ['ipv4:#01020304', '1.2.3.4'],
    ['2001:DB8:0::1', '2001:db8::1'],
    ['ipv6:#20010db8000000000000000000000001', '2001:db8::1'],
    ['a@b', 'a@b'],
    ['@@a@b', 'a@b'],
    ['userfqdn:a@b', 'a@b'],
    ['CN=a,O=b', 'CN=a, O=b'],
    ['/CN=a/O=b', 'CN=a, O=b'],
    ['shelf=7', 'shelf=7'],
    ['rack:7', 'rack:7'],
    ['keyid:rack:7', 'rack:7'],
    ['@#7261636b3a37', 'rack:7'],
    ['dead:beef', 'dead:beef'],
    ['fqdn', 'fqdn'],
    ['ANYTHING-else', 'ANYTHING-else'],
    ['01.2.3.4', '01.2.3.4'],
    ['xn--tda.example', 'xn--tda.example'],
    ['email:#c3bc406578616d706c652e6f7267', '??@example.org'],
    ['keyid:#72c3bc636b3a37', '72:c3:bc:63:6b:3a:37'],
  ])('%j is to charon what the domain takes it for', async (text, printed) => {
    expect(parseIdentity(text, 'remote_identity')).toMatchObject({ kind: 'valid' });
    expect(await readByCharon(text)).toBe(printed);
    expect(await takenForOwner(text)).toBe(true);
    // What charon prints, written back, is the same identity, except where its type needs saying.
    const { type } = identityKey({ kind: 'text', text });
    const isWhole = !printed.includes('?');
    if (isWhole && (type === 'address' || type === 'dn' || type === 'email'))
      expect(identityKey({ kind: 'text', text: printed })).toEqual(identityKey({ kind: 'text', text }));
  });
});

describe('an identity that the API refuses', () => {
  it.each(['%any', '0.0.0.0', '::', '10.0.0.0/8', '10.0.0.1-10.0.0.9'])(
    '%j stands for several to charon',
    async (text) => {
      expect(parseIdentity(text, 'remote_identity')).toMatchObject({ kind: 'invalid' });
      expect(await readByCharon(text)).toMatch(/^(%any6?|10\.0\.0\.(0\/8|1-10\.0\.0\.9))$/);
    },
  );

  it.each([
    ['ipv4:1.2.3.4', '49.46.50.46'],
    ['ipv6:2001:db8::1', '(invalid ID_IPV6_ADDR)'],
    ['asn1dn:CN=a, O=b', ''],
  ])('%j is something else to charon', async (text, printed) => {
    expect(parseIdentity(text, 'remote_identity')).toMatchObject({ kind: 'invalid' });
    expect(await readByCharon(text)).toBe(printed);
  });

  it.each(['ü.example', 'ü@example.org', 'rück:7', 'C=DE, O=Müller'])(
    '%j is no text that charon takes',
    async (text) => {
      expect(parseIdentity(text, 'remote_identity')).toMatchObject({ kind: 'invalid' });
      expect(await takenForOwner(text)).toBe(false);
      await expect(readByCharon(text)).rejects.toThrow();
    },
  );
});
