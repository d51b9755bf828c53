import { randomUUID } from 'node:crypto';
import type { DesiredSnapshot, IpInterface, Versioned } from '@esplanade/desired';
import {
  addressesEqual,
  containsAddress,
  formatAddress,
  hostPrefix,
  isIpv4Mapped,
  noHostIn,
  parseAddress,
  parseNetmask,
  parsePrefix,
} from '@esplanade/domain';
import {
  type ApiFailure,
  type CollectionResource,
  type CreateResult,
  failure,
  genericErrors,
  isFailure,
  type ModifyResult,
  type ParsedBody,
  type Principal,
  type WriteContext,
} from '@esplanade/ontap';
import { booleanOf, textOf } from './body-reader.ts';
import { ipsecErrors } from './ipsec-error-codes.ts';
import {
  createRecord,
  missing,
  recordFields,
  recordName,
  recordReaders,
  writeErrors,
} from './named-record.ts';
import { deleteRecord, modifyRecord, unchanged } from './record-changes.ts';
import { recordErrors } from './record-error-codes.ts';
import { hrefs, referenceFields } from './reference-fields.ts';
import type { ResourceParts } from './resource-parts.ts';
import { netmaskSpelling } from './spellings.ts';
import { namedIpspace, namedSvm, onlySvm } from './svm-reference.ts';

type Row = Versioned<IpInterface>;

/** `/network/ip/interfaces`: which addresses belong to whom. Configures nothing: addresses are the host's business. */
export function networkIpInterfaces({ desired, turns }: ResourceParts): CollectionResource<Row> {
  return {
    kind: 'collection',
    path: '/network/ip/interfaces',
    svmAccess: ['GET'],
    title: 'IP interfaces',
    key: 'uuid',
    fields: {
      ...recordFields<Row>('interface', 'Name of the interface, unique in its SVM or IPspace.', 'lif1', true),
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
        writable: ['post', 'patch'],
        isRequired: true,
        example: '192.0.2.1',
        get: ({ value }) => value.address,
      },
      'ip.netmask': {
        type: 'range',
        description: 'Prefix length of its subnet; an IPv4 mask is taken too. Without it the one address.',
        writable: ['post', 'patch'],
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
        description: 'Whether accounts of the SVM may use the address in policies (default true).',
        writable: ['post', 'patch'],
        get: ({ value }) => value.enabled,
      },
    },
    links: {
      svm: ({ value }) => value.svm && hrefs.svm(value.svm.uuid),
      ipspace: ({ value }) => hrefs.ipspace(value.ipspace.uuid),
    },
    examples: {
      post: { name: 'lif1', svm: { name: 'svm1' }, ip: { address: '192.0.2.1', netmask: '24' } },
      patch: { name: 'lif2', ip: { address: '192.0.2.2' }, enabled: false },
      record: { scope: 'svm', 'svm.name': 'svm1' },
    },
    errors: {
      POST: [
        recordErrors.missingField,
        recordErrors.clusterWithSvm,
        genericErrors.svmMissing,
        ipsecErrors.ipspacesDisagree,
        ipsecErrors.svmNotInIpspace,
        genericErrors.duplicateEntry,
        ...writeErrors,
      ],
      PATCH: [
        recordErrors.missingField,
        genericErrors.duplicateEntry,
        recordErrors.changedMeanwhile,
        ...writeErrors,
      ],
      DELETE: writeErrors,
    },
    ...recordReaders(() => desired.snapshot().interfaces, isVisible),
    create: (body, { principal }) => createInterface(body, principal),
    revision: ({ modified }) => modified,
    modify: modifyInterface,
    remove: ({ value: { uuid } }, context) =>
      deleteRecord(
        context,
        () => desired.snapshot().interfaces.get(uuid),
        (expected) => desired.deleteInterface(uuid, expected),
      ),
  };

  async function createInterface(body: ParsedBody, principal: Principal): Promise<CreateResult> {
    const name = recordName(body);
    if (isFailure(name)) return name;
    const owner = interfaceOwner(body, principal, desired.snapshot());
    if (isFailure(owner)) return owner;
    const ip = parseIp(textOf(body, 'ip.address'), textOf(body, 'ip.netmask'));
    if (isFailure(ip)) return ip;
    const shared = sharedAddress(owner, ip.address);
    if (shared !== undefined) return shared;
    const enabled = booleanOf(body, 'enabled') ?? true;
    return createRecord({ uuid: randomUUID(), name, enabled, ...owner, ...ip }, (ipInterface) =>
      desired.createInterface(ipInterface),
    );
  }

  async function modifyInterface(row: Row, body: ParsedBody, context: WriteContext): Promise<ModifyResult> {
    if (body.size === 0) return unchanged(row);
    const newName = body.has('name') ? recordName(body) : undefined;
    if (isFailure(newName)) return newName;
    const { uuid } = row.value;
    return modifyRecord(context, {
      turns,
      key: uuid,
      find: () => desired.snapshot().interfaces.get(uuid),
      write: ({ value, modified }) => {
        const ip = changedIp(value, body);
        if (isFailure(ip)) return ip;
        const shared = body.has('ip.address') ? sharedAddress(value, ip.address) : undefined;
        if (shared !== undefined) return shared;
        const enabled = body.has('enabled') ? (booleanOf(body, 'enabled') ?? true) : value.enabled;
        const name = newName ?? value.name;
        return desired.updateInterface({ ...value, name, enabled, ...ip }, modified);
      },
    });
  }
}

/**
 * An SVM and its IPspace; with `scope: cluster`, or where only an IPspace is named, that IPspace alone; with neither the
 * single SVM, if there is exactly one.
 */
function interfaceOwner(
  body: ParsedBody,
  principal: Principal,
  snapshot: DesiredSnapshot,
): Pick<IpInterface, 'svm' | 'ipspace'> | ApiFailure {
  const svm = namedSvm(body, principal, snapshot, unknownSvm);
  if (isFailure(svm)) return svm;
  const ipspace = namedIpspace(body, snapshot, principal);
  if (isFailure(ipspace)) return ipspace;
  const scope = textOf(body, 'scope');
  if (scope === 'cluster') {
    if (svm !== undefined) return failure(recordErrors.clusterWithSvm, {}, 'scope');
    return ipspace === undefined ? missing('ipspace.name') : { ipspace };
  }
  if (scope === undefined && svm === undefined && ipspace !== undefined) return { ipspace };
  const owner = svm ?? onlySvm(snapshot);
  if (isFailure(owner)) return owner;
  if (ipspace !== undefined && ipspace.uuid !== owner.ipspace.uuid) {
    const names = { svm: owner.name, own: owner.ipspace.name, given: ipspace.name };
    return failure(ipsecErrors.svmNotInIpspace, names, 'ipspace.name');
  }
  return { svm: { uuid: owner.uuid, name: owner.name }, ipspace: owner.ipspace };
}

function unknownSvm(svm: string, target: string): ApiFailure {
  return failure(genericErrors.svmNotFound, { svm }, target);
}

/** What is not sent stays, but for a mask that no address of the new family has. */
function changedIp(
  { address, netmask }: IpInterface,
  body: ParsedBody,
): Pick<IpInterface, 'address' | 'netmask'> | ApiFailure {
  const nextAddress = body.has('ip.address') ? textOf(body, 'ip.address') : address;
  const isOtherFamily = nextAddress?.includes(':') !== address.includes(':');
  const before = isOtherFamily ? undefined : `${netmask}`;
  return parseIp(nextAddress, body.has('ip.netmask') ? textOf(body, 'ip.netmask') : before);
}

function parseIp(
  text: string | undefined,
  netmaskText: string | undefined,
): Pick<IpInterface, 'address' | 'netmask'> | ApiFailure {
  if (text === undefined) return missing('ip.address');
  const address = parseAddress(text);
  if (address === undefined) return invalid('ip.address', text, 'an IP address');
  const isZero = addressesEqual(address, { ...address, value: 0n });
  if (isZero || isIpv4Mapped(address) || noHostIn(hostPrefix(address)) !== undefined)
    return invalid('ip.address', text, 'an address that a host can have');
  const longest = address.family === 'ipv4' ? '32' : '128';
  const mask = netmaskText ?? longest;
  const netmask = parseNetmask(mask, address.family);
  if (netmask === undefined || netmask === 0)
    return invalid('ip.netmask', mask, `a prefix length from 1 to ${longest}, or an IPv4 mask`);
  return { address: formatAddress(address), netmask };
}

/** RFC 1122 3.2.1.3, RFC 4291 2.5.3, RFC 3927, RFC 4291 2.5.6. */
const ofEveryHost = ['127.0.0.0/8', '::1/128', '169.254.0.0/16', 'fe80::/10'].flatMap(
  (text) => parsePrefix(text) ?? [],
);

/**
 * The failure for giving an SVM, whose accounts may then write policies on it, an address that every host has or may
 * have.
 */
function sharedAddress({ svm }: Pick<IpInterface, 'svm'>, text: string): ApiFailure | undefined {
  const address = parseAddress(text);
  const isShared = address !== undefined && ofEveryHost.some((prefix) => containsAddress(prefix, address));
  if (svm === undefined || !isShared) return undefined;
  return invalid('ip.address', text, 'an address of the SVM alone, not a loopback or link-local one');
}

function invalid(field: string, value: string, expected: string): ApiFailure {
  return failure(genericErrors.invalidValue, { value, field, expected }, field);
}

function isVisible({ value }: Row, { svmUuid }: Principal): boolean {
  return svmUuid === undefined || value.svm?.uuid === svmUuid;
}
