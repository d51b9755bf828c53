import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const childrenPerIkeSa = 4;
const svms = 8;
const policies = 200;
const node = { name: 'node1', uuid: digestUuid('node') };

/** A seed record in wire form, as far as the benchmark looks at it. */
export interface SeedRecord {
  readonly uuid: string;
  readonly type: 'ike' | 'ipsec';
}

/**
 * Security associations of a large site, the same ones in every run: eight SVMs, 200 policies, to each peer one IKE SA
 * with four pairs of ESP SAs, every field set.
 */
export function* seedRecords(count: number): Generator<SeedRecord> {
  for (let index = 0; index < count; index += 1) {
    const peer = Math.floor(index / (childrenPerIkeSa + 1));
    yield index % (childrenPerIkeSa + 1) === 0 ? ikeSa(index, peer) : childSa(index, peer);
  }
}

/** Writes a file for `--simulator-seed`. */
export async function writeSeed(file: string, count: number): Promise<void> {
  const lines = function* () {
    let separator = '{"security_associations":[\n';
    for (const record of seedRecords(count)) {
      yield `${separator}${JSON.stringify(record)}`;
      separator = ',\n';
    }
    yield ']}\n';
  };
  await pipeline(Readable.from(lines()), createWriteStream(file));
}

function common(index: number, peer: number) {
  const svm = peer % svms;
  return {
    uuid: digestUuid(`sa ${index}`),
    scope: 'svm',
    svm: { name: `svm${svm}`, uuid: digestUuid(`svm ${svm}`) },
    node,
    policy_name: `policy-${peer % policies}`,
    local_address: `10.9.${svm}.1`,
    remote_address: `10.${20 + (peer >> 16)}.${(peer >> 8) & 255}.${peer & 255}`,
    cipher_suite: 'suite_aescbc',
  } as const;
}

function ikeSa(index: number, peer: number) {
  return {
    ...common(index, peer),
    type: 'ike',
    lifetime: 86_400,
    ike: {
      version: 2,
      state: 'established',
      authentication: 'psk',
      is_initiator: peer % 2 === 0,
      initiator_security_parameter_index: digest(`initiator ${index}`).slice(0, 16),
      responder_security_parameter_index: digest(`responder ${index}`).slice(0, 16),
    },
  } as const;
}

function childSa(index: number, peer: number) {
  return {
    ...common(index, peer),
    type: 'ipsec',
    lifetime: 28_800,
    ipsec: {
      state: 'installed',
      action: 'esp_transport',
      inbound: direction(`in ${index}`),
      outbound: direction(`out ${index}`),
    },
  } as const;
}

function direction(name: string) {
  const hex = digest(name);
  const packets = Number.parseInt(hex.slice(8, 15), 16);
  return {
    security_parameter_index: hex.slice(0, 8),
    bytes: packets * 1_400,
    packets,
    offload_bytes: 0,
    offload_packets: 0,
  };
}

function digestUuid(name: string): string {
  const hex = digest(name);
  return [8, 12, 16, 20, 32].map((end, at, ends) => hex.slice(ends[at - 1] ?? 0, end)).join('-');
}

function digest(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 32);
}
