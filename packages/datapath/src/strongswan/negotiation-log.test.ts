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

  describe('of a remote with a certificate', () => {
    const keeper = '"C=CH, O=Lighthouses, CN=keeper"';
    const shows = `received end entity cert ${keeper}`;
    const looksAt = `  using certificate ${keeper}`;
    const isOfStranger = [`no issuer certificate found for ${keeper}`, '  issuer is "O=Reefs, CN=Root"'];
    const isOver = [
      '  using trusted ca certificate "O=Lighthouses, CN=Root"',
      'subject certificate invalid (valid from Nov 19 06:14:13 2026 to Nov 21 06:14:13 2026)',
    ];
    const isOfAnotherKey = ['signature validation failed, looking for another key'];
    const isRevoked = [
      '  using trusted ca certificate "O=Lighthouses, CN=Root"',
      `checking certificate status of ${keeper}`,
      '  using certificate "O=Lighthouses, CN=signer of lists"',
      '  crl correctly signed by "O=Lighthouses, CN=signer of lists"',
      'certificate was revoked on Jan 01 00:00:00 UTC 2026, reason: key compromise',
    ];
    const proves = "no trusted ECDSA public key found for 'keeper.lab.example'";
    const reasonsIn = (log: NegotiationLog, lines: readonly string[]): readonly string[] =>
      lines.flatMap((text) => log.read(line(text))?.reason ?? []);

    it.each([
      ['is of an unknown CA', isOfStranger, /was issued by "O=Reefs, CN=Root"/],
      ['has expired', isOver, /remote's certificate has expired/],
      ['has another key', isOfAnotherKey, /signature does not fit its certificate/],
      ['is revoked', isRevoked, /was revoked on/],
    ])('says that the one shown %s, and nothing of others that charon remembers', (_what, lines, reason) => {
      const remembered = [isOver, isOfStranger, isOfAnotherKey, isRevoked].flatMap((each) => [
        looksAt,
        ...each,
      ]);
      const reasons = reasonsIn(new NegotiationLog(), [shows, looksAt, ...lines, ...remembered, proves]);
      expect(reasons).toEqual([expect.stringMatching(reason)]);
    });

    it('says what is wrong with the one shown when it is looked at again after a reauthentication', () => {
      const log = new NegotiationLog();
      const proven = "authentication of 'keeper.lab.example' with ECDSA_WITH_SHA256_DER successful";
      expect(reasonsIn(log, [shows, looksAt, proven])).toEqual([]);
      const again = ['verifying peer certificate', looksAt, ...isRevoked, looksAt, ...isOver];
      expect(reasonsIn(log, again)).toEqual([expect.stringMatching(/was revoked on/)]);
    });

    it.each([
      ['the one shown has not its identity', ['received end entity cert "CN=another"']],
      ['none is shown', []],
    ])('says that where %s, whatever charon remembers', (_what, lines) => {
      const reasons = reasonsIn(new NegotiationLog(), [...lines, looksAt, ...isOver, proves]);
      expect(reasons).toEqual([expect.stringMatching(/identity keeper.lab.example and shows no trusted/)]);
    });

    it.each([
      ['we begin', 'initiating IKE_SA esplanade-0123456789ab[1] to 10.9.0.7'],
      ['the remote begins', 'parsed IKE_SA_INIT request 0 [ SA KE No ]'],
    ])(
      'takes no reason of an IKE SA that had the same number before charon was restarted, when %s',
      (_who, begins) => {
        const log = new NegotiationLog();
        expect(reasonsIn(log, [shows, looksAt, ...isOver])).toHaveLength(1);
        expect(reasonsIn(log, [begins, proves])).toEqual([expect.stringMatching(/keeper.lab.example/)]);
      },
    );
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
