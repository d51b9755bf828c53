import { describe, expect, test } from 'vitest';
import { type PacketDraft, validatePacket } from './packet-validation.ts';
import { packet } from './testing/policies.ts';

const ssh = {
  localAddress: '10.0.0.1',
  remoteAddress: '10.0.0.2',
  protocol: 'tcp',
  localPort: '22',
  remotePort: '40000',
};
const ping = { localAddress: 'fd00::1', remoteAddress: 'fd00::2', protocol: '58', icmpType: '128' };

describe('a packet that is written down', () => {
  test('is read with its ports, or its ICMP type', () => {
    expect(validatePacket(ssh)).toEqual({
      kind: 'valid',
      value: packet('10.0.0.1', '10.0.0.2', { protocol: 6, localPort: 22, remotePort: 40_000 }),
    });
    expect(validatePacket(ping)).toEqual({
      kind: 'valid',
      value: packet('fd00::1', 'fd00::2', { protocol: 58, icmpType: 128 }),
    });
  });

  test('needs neither where the SPD looks at neither', () => {
    const { localAddress, remoteAddress } = ssh;
    for (const protocol of ['icmp', 'ICMP', '47'])
      expect(validatePacket({ localAddress, remoteAddress, protocol }).kind).toBe('valid');
  });

  test.each<[PacketDraft, readonly string[], RegExp]>([
    [{}, ['local_address', 'remote_address', 'protocol'], /missing/],
    [{ ...ssh, localAddress: '10.0.0.0/8' }, ['local_address'], /not an IP address/],
    [{ ...ssh, remoteAddress: 'fd00::2' }, ['remote_address'], /one family/],
    [{ ...ssh, protocol: 'any' }, ['protocol'], /not a packet's protocol/],
    [{ ...ssh, protocol: 'tcp,udp' }, ['protocol'], /not a packet's protocol/],
    [{ ...ssh, localPort: '22-22' }, ['local_port'], /whole number from 0 to 65535/],
    [{ ...ssh, remotePort: '65536' }, ['remote_port'], /whole number from 0 to 65535/],
    [{ ...ssh, protocol: '47' }, ['local_port', 'remote_port'], /no ports/],
    [{ ...ssh, icmpType: '8' }, ['icmp_type'], /not ICMP/],
    [{ ...ping, icmpType: '256' }, ['icmp_type'], /from 0 to 255/],
    [{ localAddress: 'fd00::1', remoteAddress: 'fd00::2', protocol: '58' }, ['icmp_type'], /type/],
    [{ ...ping, protocol: 'icmp' }, ['protocol'], /58 with IPv6/],
  ])('%j is refused at %j', (draft, targets, message) => {
    const parsed = validatePacket(draft);
    if (parsed.kind === 'valid') throw new Error('it was taken');
    expect(parsed.problems.map(({ target }) => target)).toEqual(targets);
    expect(parsed.problems[0]?.message).toMatch(message);
  });

  test('of which ports are not given is refused, port by port', () => {
    const { localPort: _local, remotePort: _remote, ...rest } = ssh;
    const parsed = validatePacket(rest);
    expect(parsed.kind === 'invalid' && parsed.problems.map(({ target }) => target)).toEqual([
      'local_port',
      'remote_port',
    ]);
  });
});
