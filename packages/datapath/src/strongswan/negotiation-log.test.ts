import { describe, expect, it } from 'vitest';
import { failureReason } from './failure-reasons.ts';
import { NegotiationLog } from './negotiation-log.ts';

describe('a line of the log', () => {
  it.each([
    ['received AUTHENTICATION_FAILED notify error', 'key', /refused our authentication/],
    ['parsed INFORMATIONAL request 2 [ N(AUTH_FAILED) ]', 'key', /refused our authentication/],
    [
      "tried 1 shared key for '%any' - '10.9.0.1', but MAC mismatched",
      'ike',
      /does not fit our pre-shared key/,
    ],
    ["tried 2 shared keys for 'a' - 'b', but MAC mismatched", 'ike', /local identity a, remote identity b/],
    ["no shared key found for '10.9.0.1' - '%any'", 'ike', /No pre-shared key belongs to/],
    ['received NO_PROPOSAL_CHOSEN notify error', 'ike', /none of our IKE algorithms/],
    ['received proposals unacceptable', 'ike', /none of the remote's IKE algorithms/],
    ['received NO_PROPOSAL_CHOSEN notify, no CHILD_SA built', 'child', /none of our ESP algorithms/],
    ['no acceptable proposal found', 'child', /none of the remote's ESP algorithms/],
    ['received TS_UNACCEPTABLE notify, no CHILD_SA built', 'child', /no policy for this traffic/],
    [
      'traffic selectors 10.9.0.2/32[tcp/http] === 10.9.0.1/32 unacceptable',
      'child',
      /local 10\.9\.0\.2\/32\[tcp\/http\], remote 10\.9\.0\.1\/32/,
    ],
    ['no matching peer config found', 'ike', /identities that no policy expects/],
    [
      "selected peer config 'h' unacceptable: non-matching authentication done",
      'ike',
      /non-matching authentication done/,
    ],
    ['giving up after 3 retransmits', 'ike', /does not answer/],
    ['unable to install inbound IPsec SA (SAD) in kernel', 'child', /kernel refused the SA/],
    ['PPK required but peer does not support PPK', 'ike', /remote uses none/],
    ['PPK required but no PPK_IDENTITY received', 'ike', /remote named none/],
    ["PPK required but no PPK found for 'quantum'", 'ike', /no post-quantum .* quantum/],
    [
      "received PPK_ID 'theirs', but require 'ours'",
      'ike',
      /identity theirs, the policy the one with identity ours/,
    ],
    [
      "constraint check failed: identity 'keeper.lab' required ",
      'ike',
      /another identity than remote_identity keeper\.lab\. /,
    ],
    // 6.0
    [
      "constraint check failed: identity 'keeper.lab' (ID_FQDN) required, not matched by 'a' (ID_FQDN)",
      'ike',
      /another identity than remote_identity keeper\.lab\. /,
    ],
    ['unable to install IPsec policies (SPD) in kernel', 'child', /kernel refused the policy/],
    ['signature validation failed, looking for another key', 'ike', /signature does not fit its certificate/],
    [
      'subject certificate invalid (valid from Jan 01 00:00:00 2020 to Jan 02 00:00:00 2020)',
      'ike',
      /remote's certificate has expired/,
    ],
    [
      '  issuer is "O=Reefs, CN=Root"',
      'ike',
      /issued by "O=Reefs, CN=Root", which the policy does not trust/,
    ],
    [
      'certificate was revoked on Jan 01 00:00:00 UTC 2026, reason: key compromise',
      'ike',
      /was revoked on Jan 01 00:00:00 UTC 2026 \(key compromise\)/,
    ],
    ["peer not authenticated by CA 'O=Reefs, CN=Root'", 'ike', /trusted elsewhere, but not by this policy/],
  ] as const)('%j explains a failure of the %s SA', (line, concerns, reason) => {
    expect(failureReason(line)).toMatchObject({ concerns, reason: expect.stringMatching(reason) });
  });

  it.each(['', 'sending packet: from 10.9.0.1[500] to 10.9.0.2[500] (312 bytes)', 'retransmit 1 of request'])(
    '%j explains nothing',
    (line) => {
      expect(failureReason(line)).toBeUndefined();
    },
  );
});

describe('the log', () => {
  const line = (text: string, ikeSaId = '1', connectionName = 'esplanade-0123456789ab') => ({
    text,
    ikeSaId,
    connectionName,
  });

  it('blames the child that was being negotiated on that IKE SA', () => {
    const log = new NegotiationLog();
    log.read(line('establishing CHILD_SA nfs{1} reqid 1'));
    log.read(line('establishing CHILD_SA smb{2}', '2'));
    expect(log.read(line('received TS_UNACCEPTABLE notify, no CHILD_SA built'))?.target).toEqual({
      kind: 'child',
      childName: 'nfs',
    });
  });

  it('blames the connection when the IKE SA failed, or when the remote asked for the child', () => {
    const log = new NegotiationLog();
    const connection = { kind: 'connection', connectionName: 'esplanade-0123456789ab' };
    log.read(line('establishing CHILD_SA nfs{1} reqid 1'));
    expect(log.read(line('received AUTHENTICATION_FAILED notify error'))?.target).toEqual(connection);
    log.read(line('parsed CREATE_CHILD_SA request 3 [ SA No TSi TSr ]'));
    expect(log.read(line('no acceptable proposal found'))?.target).toEqual(connection);
  });

  it('blames the addresses while charon has not settled on a connection', () => {
    const log = new NegotiationLog();
    log.read(line('looking for peer configs matching 10.9.0.1[10.9.0.1]...10.9.0.2[x.y]', '1', '(unnamed)'));
    expect(log.read(line('no matching peer config found', '1', '(unnamed)'))?.target).toEqual({
      kind: 'addresses',
      local: '10.9.0.1',
      remote: '10.9.0.2',
    });
  });

  it.each([
    ['that it began with', 'initiating IKE_SA esplanade-0123456789ab[1] to 10.9.0.7'],
    ['that a packet came from', 'received packet: from 10.9.0.7[500] to 10.9.0.1[500] (1200 bytes)'],
    ['that it looked for', 'looking for peer configs matching 10.9.0.1[%any]...10.9.0.7[x.y]'],
  ])('names the remote %s', (_who, before) => {
    const log = new NegotiationLog();
    log.read(line(before));
    expect(log.read(line('giving up after 3 retransmits'))?.remote).toBe('10.9.0.7');
  });

  it('names no remote that no line has named', () => {
    expect(new NegotiationLog().read(line('giving up after 3 retransmits'))).not.toHaveProperty('remote');
  });

  it('blames nobody when it cannot tell whom', () => {
    const log = new NegotiationLog();
    expect(
      log.read({ text: 'no matching peer config found', ikeSaId: undefined, connectionName: undefined }),
    ).toBeUndefined();
  });

  it('forgets the oldest of many IKE SAs', () => {
    const log = new NegotiationLog();
    log.read(line('establishing CHILD_SA first{1}', 'first', '(unnamed)'));
    for (let id = 0; id < 600; id++)
      log.read(line(`establishing CHILD_SA x${id}{1}`, String(id), '(unnamed)'));
    expect(log.read(line('no acceptable proposal found', 'first', '(unnamed)'))).toBeUndefined();
    expect(log.read(line('no acceptable proposal found', '599', '(unnamed)'))?.target).toEqual({
      kind: 'child',
      childName: 'x599',
    });
  });
});
