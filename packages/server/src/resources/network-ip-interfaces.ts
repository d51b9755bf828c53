import { randomUUID } from 'node:crypto';
import type { DesiredSnapshot, IpInterface, Versioned } from '@esplanade/desired';
import { formatAddress, parseAddress, parseNetmask } from '@esplanade/domain';
import {
  type ApiFailure,
  type CollectionResource,
  type CreateResult,
  failure,
  genericErrors,
  isFailure,
  type ParsedBody,
  type Principal,
} from '@esplanade/ontap';
import { booleanOf, textOf } from './body-reader.ts';
import { ipsecErrors } from './ipsec-error-codes.ts';
import {
  createRecord,
  deleteRecord,
  missing,
  recordFields,
  recordName,
  recordReaders,
} from './named-record.ts';
import { hrefs, referenceFields } from './reference-fields.ts';
import type { ResourceParts } from './resource-parts.ts';
import { netmaskSpelling } from './spellings.ts';
import { namedIpspace, namedSvm, onlySvm } from './svm-reference.ts';

type Row = Versioned<IpInterface>;

/** `/network/ip/interfaces`: which addresses belong to whom. Configures nothing: addresses are the host's business. */
export function networkIpInterfaces({ desired }: ResourceParts): CollectionResource<Row> {
  return {
    kind: 'collection',
    path: '/network/ip/interfaces',
    title: 'IP interfaces',
    key: 'uuid',
    fields: {
      ...recordFields<Row>('interface', 'Name of the interface, unique in its SVM or IPspace.', 'lif1'),
      scope: {
        type: 'string',
        description: 'svm, or cluster for an address that belongs to an IPspace and no SVM.',
        enum: ['svm', 'cluster'],
        writable: ['post'],
        get: ({ value }) => (value.svm === undefined ? 'cluster' : 'svm'),
      },
      ...referenceFields<Row>('svm', 'the SVM that owns the address', ({ value }) => value.svm, {
        writable: ['post'],
      }),
      ...referenceFields<Row>('ipspace', 'the IPspace of the address', ({ value }) => value.ipspace, {
        writable: ['post'],
      }),
      'ip.address': {
        type: 'address',
        description: 'The address, unique in its IPspace.',
        writable: ['post'],
        example: '192.0.2.1',
        get: ({ value }) => value.address,
      },
      'ip.netmask': {
        type: 'range',
        description: 'Prefix length of its subnet; an IPv4 mask is taken too. Without it the one address.',
        writable: ['post'],
        example: '24',
        canonical: netmaskSpelling,
        get: ({ value }) => String(value.netmask),
      },
      'ip.family': {
        type: 'string',
        description: 'Family of the address.',
        enum: ['ipv4', 'ipv6'],
        get: ({ value }) => parseAddress(value.address)?.family,
      },
      enabled: {
        type: 'boolean',
        description: 'Whether the address counts as in use (default true).',
        writable: ['post'],
        get: ({ value }) => value.enabled,
      },
    },
    links: {
      svm: ({ value }) => value.svm && hrefs.svm(value.svm.uuid),
      ipspace: ({ value }) => hrefs.ipspace(value.ipspace.uuid),
    },
    ...recordReaders(() => desired.snapshot().interfaces, isVisible),
    create: (body, { principal }) => createInterface(body, principal),
    remove: ({ value }) => deleteRecord(() => desired.deleteInterface(value.uuid)),
  };

  async function createInterface(body: ParsedBody, principal: Principal): Promise<CreateResult> {
    const name = recordName(body);
    if (isFailure(name)) return name;
    const owner = interfaceOwner(body, principal, desired.snapshot());
    if (isFailure(owner)) return owner;
    const ip = parseIp(body);
    if (isFailure(ip)) return ip;
    const enabled = booleanOf(body, 'enabled') ?? true;
    return createRecord({ uuid: randomUUID(), name, enabled, ...owner, ...ip }, (ipInterface) =>
      desired.createInterface(ipInterface),
    );
  }
}

/** An SVM and its IPspace, or, where only an IPspace is named, that one. */
function interfaceOwner(
  body: ParsedBody,
  principal: Principal,
  snapshot: DesiredSnapshot,
): Pick<IpInterface, 'svm' | 'ipspace'> | ApiFailure {
  const svm = namedSvm(body, principal, snapshot);
  if (isFailure(svm)) return svm;
  const ipspace = namedIpspace(body, snapshot);
  if (isFailure(ipspace)) return ipspace;
  if (svm === undefined && textOf(body, 'scope') === 'cluster' && ipspace === undefined)
    return missing('ipspace.name');
  if (svm === undefined && ipspace !== undefined) return { ipspace };
  const owner = svm ?? onlySvm(snapshot);
  if (isFailure(owner)) return owner;
  if (ipspace !== undefined && ipspace.uuid !== owner.ipspace.uuid) {
    const names = { svm: owner.name, own: owner.ipspace.name, given: ipspace.name };
    return failure(ipsecErrors.svmNotInIpspace, names, 'ipspace.name');
  }
  return { svm: { uuid: owner.uuid, name: owner.name }, ipspace: owner.ipspace };
}

function parseIp(body: ParsedBody): Pick<IpInterface, 'address' | 'netmask'> | ApiFailure {
  const text = textOf(body, 'ip.address');
  if (text === undefined) return missing('ip.address');
  const address = parseAddress(text);
  if (address === undefined) return invalid('ip.address', text, 'an IP address');
  const longest = address.family === 'ipv4' ? '32' : '128';
  const mask = textOf(body, 'ip.netmask') ?? longest;
  const netmask = parseNetmask(mask, address.family);
  if (netmask === undefined)
    return invalid('ip.netmask', mask, `a prefix length from 0 to ${longest}, or an IPv4 mask`);
  return { address: formatAddress(address), netmask };
}

function invalid(field: string, value: string, expected: string): ApiFailure {
  return failure(genericErrors.invalidValue, { value, field, expected }, field);
}

function isVisible({ value }: Row, { svmUuid }: Principal): boolean {
  return svmUuid === undefined || value.svm?.uuid === svmUuid;
}
