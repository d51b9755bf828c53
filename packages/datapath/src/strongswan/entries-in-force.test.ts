import { issueAuthority, issueHost } from '@esplanade/domain/testing/certificates';
import { expect, it } from 'vitest';
import { compileEntry } from './connection-mapping.ts';
import { EntriesInForce } from './entries-in-force.ts';
import { certificateEntry } from './testing/certificate-entries.ts';
import { entry, settings } from './testing/entries.ts';

const north = issueAuthority('/O=Lighthouses/CN=North');
const south = issueAuthority('/O=Lighthouses/CN=South');
const shown = issueHost({ subject: '/O=Lighthouses/CN=ours', issuer: north });
const renewed = issueHost({ subject: '/O=Lighthouses/CN=ours', issuer: north });

const compiled = (choices: Partial<Parameters<typeof certificateEntry>[1]>, replayWindow = 64) =>
  compileEntry(certificateEntry(1, { shown, believed: [north], ...choices }), { replayWindow }, 1);
const current = compiled({});
const inForce = new EntriesInForce([[current.policyUuid, current]]);

it.each([
  ['with its very form', current],
  ['with another anti-replay window', compiled({}, 1_024)],
  ['with another certificate of ours', compiled({ shown: renewed })],
  ['with other CAs', compiled({ believed: [north, south] })],
])('an SA %s is one of the entry in force', (_how, { childName }) => {
  expect(inForce.ofChild(childName)).toBe(current);
});

it.each([
  ['of another form', compiled({ cipherSuite: 'suiteb_gmac256' })],
  ['of another policy', compileEntry(entry(2), settings, 2)],
])('an SA %s is not', (_how, { childName }) => {
  expect(inForce.ofChild(childName)).toBeUndefined();
});
