import { type PublicCertificate, readCertificate } from '@esplanade/domain';
import { issueAuthority } from '@esplanade/domain/testing/certificates';
import { Message, type MessageInput, type ViciEvent } from '@esplanade/vici';
import { describe, expect, it } from 'vitest';
import { Vouchers } from './vouchers.ts';

const north = authority('/C=CH/O=Lighthouses/CN=North');
const south = authority('/O=Lighthouses/CN=South');
/** Another CA of the same name. */
const northAnew = authority('/C=CH/O=Lighthouses/CN=North');

function authority(subject: string): PublicCertificate {
  const content = readCertificate(issueAuthority(subject).certificate);
  if (content === undefined) throw new Error('not a certificate');
  return content;
}

function event(name: string, message: MessageInput): ViciEvent {
  return { kind: 'event', name, message: Message.from(message) };
}

function digits(...anchors: readonly PublicCertificate[]): ReadonlySet<string> {
  return new Set(anchors.map(({ sha256 }) => sha256.slice(0, 8)));
}

function heard(vouchers: Vouchers, ikeId: string, ...lines: readonly string[]): void {
  for (const msg of lines) vouchers.heard(event('log', { 'ikesa-uniqueid': ikeId, msg }));
}

const trusting = '  using trusted ca certificate "C=CH, O=Lighthouses, CN=North"';
const proved = "authentication of 'CN=keeper' with ECDSA_WITH_SHA384_DER successful";

describe('who vouched for a remote', () => {
  it('is the CA that the authentication rested on, and of what took its place', () => {
    const vouchers = new Vouchers();
    heard(vouchers, '7', '  using trusted ca certificate "O=Lighthouses, CN=South"', trusting, proved);
    expect(vouchers.isVouchedBy('7', [north, south], new Set())).toBe(true);
    expect(vouchers.isVouchedBy('7', [south], digits(north, south))).toBe(false);
    expect(vouchers.isVouchedBy('8', [north], new Set())).toBe(false);
    vouchers.heard(event('ike-rekey', { ours: { old: { uniqueid: '7' }, new: { uniqueid: '8' } } }));
    expect(vouchers.isVouchedBy('8', [north], new Set())).toBe(true);
  });

  it('is nobody while the remote has not proved anything, and after charon began anew', () => {
    const vouchers = new Vouchers();
    heard(vouchers, '7', trusting);
    expect(vouchers.isVouchedBy('7', [north], new Set())).toBe(false);
    heard(vouchers, '7', "authentication of 'CN=keeper' with pre-shared key successful");
    expect(vouchers.isVouchedBy('7', [north], new Set())).toBe(false);
    heard(vouchers, '7', proved);
    expect(vouchers.isVouchedBy('7', [north], new Set())).toBe(true);
    vouchers.forget();
    expect(vouchers.isVouchedBy('7', [north], new Set())).toBe(false);
  });

  it('is not known where one that is no longer believed has the same name', () => {
    const vouchers = new Vouchers();
    vouchers.note([north]);
    heard(vouchers, '7', trusting, proved);
    expect(vouchers.isVouchedBy('7', [northAnew], digits(north))).toBe(false);
    expect(vouchers.isVouchedBy('7', [north, northAnew], digits(north))).toBe(true);
  });
});
