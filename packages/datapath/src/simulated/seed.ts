import { cipherSuites, type SaDirection, type Spi } from '@esplanade/domain';
import type { GivenFields, ObservedSa } from '../datapath.ts';
import { ikeAuthentications, ikeStates, type SeedFieldValue, seedFields, shownName } from './seed-fields.ts';
import { SeedTable } from './seed-table.ts';

/** The seed cannot be used. `problems` says for each record what is wrong and where. */
export class SeedError extends Error {
  override readonly name = 'SeedError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The simulator's seed cannot be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/**
 * Reads a seed: JSON `{"security_associations": […]}` with records as the API returns them. Only `uuid` and `type` must
 * be there, every value must have its field's type, and a member that the API does not have is refused; `_links` are
 * skipped. The result is in ascending order of the uuids. Throws SeedError that names every problem.
 */
export function parseSeed(text: string): readonly ObservedSa[] {
  const root = parseJson(text);
  if (!isObject(root)) throw new SeedError(['expected an object with the member "security_associations"']);
  const { security_associations: records, ...others } = root;
  const problems = Object.keys(others).map((name) => `"${printable(name)}" is not a member of a seed`);
  if (!Array.isArray(records)) throw new SeedError([...problems, '"security_associations" must be an array']);

  const indexOf = new Map<string, number>();
  const table = new SeedTable(records.length);
  const sorted = inOrderOfUuid(records);
  const rows = sorted.map(({ record, index }, row) => {
    const place = `security_associations[${index}]`;
    collect(record, '', {
      take: (name, value) => table.set(row, name, value),
      complain: (name, problem) =>
        problems.push(`${place}${name === '' ? '' : `.${printable(name)}`} ${problem}`),
    });
    const given = table.record(row);
    const uuid = textOf(given, 'uuid');
    const earlier = indexOf.get(uuid);
    if (uuid === '') problems.push(`${place}.uuid must be there`);
    else if (earlier !== undefined) problems.push(`${place}.uuid is also that of record ${earlier}`);
    if (given.get('type') === undefined) problems.push(`${place}.type must be there`);
    indexOf.set(uuid, index);
    return securityAssociationOf(given);
  });
  if (problems.length > 0) throw new SeedError(problems);
  return rows;
}

/** Sorted before anything is made of them, so that what a walk looks at one after the other lies so in memory. */
function inOrderOfUuid(records: readonly unknown[]): { readonly record: unknown; readonly index: number }[] {
  const keyed = records.map((record, index) => {
    const uuid = isObject(record) ? String(record['uuid']) : '';
    return { record, index, uuid };
  });
  return keyed.sort((a, b) => (a.uuid < b.uuid ? -1 : a.uuid > b.uuid ? 1 : 0));
}

function parseJson(text: string): unknown {
  try {
    // Looking at every number takes ten times as long as all the rest, and few seeds have any that long.
    return /[\s:,[]\d{16}/.test(text) ? JSON.parse(text, exactIntegers) : JSON.parse(text);
  } catch (error) {
    throw new SeedError([`not JSON: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

/** Counters have 64 bits; a JSON number beyond 2^53 would be rounded. */
function exactIntegers(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? '';
  return /^\d+$/.test(source) ? BigInt(source) : value;
}

/** Who hears of a record's fields. */
interface Collector {
  take(name: string, value: SeedFieldValue): void;
  complain(name: string, problem: string): void;
}

function collect(value: unknown, name: string, collector: Collector): void {
  if (!isObject(value)) {
    collector.complain(name, 'must be an object');
    return;
  }
  for (const [member, inner] of Object.entries(value)) {
    if (member === '_links') continue;
    const path = name === '' ? member : `${name}.${member}`;
    const field = seedFields.get(path);
    if (field === 'object') collect(inner, path, collector);
    else if (field === undefined) collector.complain(path, 'is not a field of a security association');
    else {
      const parsed = field.parse(inner);
      if (parsed === undefined) collector.complain(path, `must be ${field.expected}`);
      else collector.take(shownName(path), parsed);
    }
  }
}

// The typed members are for what reasons about SAs; what a record left out gets a neutral value there, never in `given`.
function securityAssociationOf(given: GivenFields): ObservedSa {
  const cipherSuite = cipherSuites.find((suite) => suite === given.get('cipher_suite'));
  const base = {
    uuid: textOf(given, 'uuid'),
    localAddress: textOf(given, 'local_address'),
    remoteAddress: textOf(given, 'remote_address'),
    lifetimeSeconds: Number(given.get('lifetime') ?? 0),
    ...(cipherSuite === undefined ? {} : { cipherSuite }),
    given,
  };
  if (given.get('type') === 'ike') {
    return {
      ...base,
      kind: 'ike',
      ikeVersion: Number(given.get('ike.version') ?? 2),
      state: ikeStates.find((state) => state === given.get('ike.state')) ?? 'none',
      authentication: ikeAuthentications.find((word) => word === given.get('ike.authentication')) ?? 'none',
      isInitiator: given.get('ike.is_initiator') === true,
      initiatorSpi: spiOf(given, 'ike.initiator_security_parameter_index'),
      responderSpi: spiOf(given, 'ike.responder_security_parameter_index'),
    };
  }
  return {
    ...base,
    kind: 'ipsec',
    state: given.get('ipsec.state') === 'installed' ? 'installed' : 'unknown',
    action: given.get('ipsec.action') === 'esp_udp' ? 'esp_udp' : 'esp_transport',
    mode: 'transport',
    inbound: directionOf(given, 'ipsec.inbound'),
    outbound: directionOf(given, 'ipsec.outbound'),
    ikeUuid: '',
  };
}

function directionOf(given: GivenFields, side: string): SaDirection {
  return {
    spi: spiOf(given, `${side}.security_parameter_index`),
    bytes: BigInt(given.get(`${side}.bytes`) ?? 0),
    packets: BigInt(given.get(`${side}.packets`) ?? 0),
  };
}

function spiOf(given: GivenFields, name: string): Spi {
  return textOf(given, name) as Spi;
}

function textOf(given: GivenFields, name: string): string {
  return String(given.get(name) ?? '');
}

/** As much of a name as tells it, and nothing that steers a terminal. */
function printable(name: string): string {
  return JSON.stringify(name.slice(0, 80)).slice(1, -1);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
