import { isIP } from 'node:net';
import {
  type AuditDestination,
  type AuditReceiver,
  type AuditSettings,
  syslogFacilities,
  syslogProtocols,
  type Versioned,
} from '@esplanade/desired';
import {
  type ApiFailure,
  type CollectionResource,
  type CreateResult,
  failure,
  genericErrors,
  isFailure,
  type ModifyResult,
  type ParsedBody,
  type WriteContext,
} from '@esplanade/ontap';
import { auditErrors } from './audit-error-codes.ts';
import { booleanOf, numberOf, textOf, withoutNulls } from './body-reader.ts';
import { missing, writeErrors } from './named-record.ts';
import { deleteRecord, modifyRecord } from './record-changes.ts';
import { recordErrors } from './record-error-codes.ts';
import type { ResourceParts } from './resource-parts.ts';
import { auditSettingsTurn } from './security-audit.ts';

/** A destination, and the revision of what all of them are kept in. */
interface Row {
  readonly destination: AuditDestination;
  readonly modified: Versioned<AuditSettings>['modified'];
}

/** As in ONTAP. */
const mostDestinations = 10;

const { serverUnverifiable, hostUnresolvable, hostUnreachable, tooManyDestinations } = auditErrors;

/** `/security/audit/destinations`: the syslog receivers that get a copy of each entry of the audit log (RFC 5424). */
export function securityAuditDestinations(parts: ResourceParts): CollectionResource<Row> {
  const { desired, turns, reachDestination } = parts;
  const rows = (): readonly Row[] => {
    const { value, modified } = desired.snapshot().auditSettings;
    return value.destinations.map((destination) => ({ destination, modified }));
  };
  const find = (key: string): Row | undefined => rows().find(({ destination }) => keyOf(destination) === key);
  return {
    kind: 'collection',
    path: '/security/audit/destinations',
    title: 'Destinations of the audit log',
    svmAccess: [],
    key: ['address', 'port'],
    fields: {
      address: {
        type: 'string',
        description: 'IP address or host name of the receiver.',
        isDefault: true,
        writable: ['post'],
        isRequired: true,
        example: '192.0.2.9',
        get: ({ destination }) => destination.address,
      },
      port: {
        type: 'integer',
        description: 'Its port; 514 unless it is said, 6514 with tcp_encrypted.',
        isDefault: true,
        writable: ['post'],
        example: 514,
        get: ({ destination }) => destination.port,
      },
      protocol: {
        type: 'string',
        description: 'udp_unencrypted (default), tcp_unencrypted or tcp_encrypted.',
        enum: syslogProtocols,
        writable: ['post'],
        get: ({ destination }) => destination.protocol,
      },
      facility: {
        type: 'string',
        description: 'Facility that the entries are sent with; kern unless it is said.',
        enum: syslogFacilities,
        writable: ['post', 'patch'],
        get: ({ destination }) => destination.facility,
      },
      verify_server: {
        type: 'boolean',
        description:
          'Whether its certificate must be of a CA that is well known or installed as server_ca of the cluster; true with tcp_encrypted unless it is said.',
        writable: ['post', 'patch'],
        example: false,
        get: ({ destination }) => destination.verifyServer,
      },
      force: {
        type: 'boolean',
        description: 'The parameter of the same name, where some clients send it.',
        writable: ['post'],
        example: false,
      },
    },
    parameters: [
      {
        name: 'force',
        methods: ['POST'],
        type: 'boolean',
        description: 'Add it without looking whether it can be reached.',
      },
    ],
    examples: {
      post: { address: '192.0.2.9', port: 514, protocol: 'udp_unencrypted', facility: 'local7' },
      patch: { facility: 'local6' },
      record: { protocol: 'udp_unencrypted', facility: 'local7' },
    },
    errors: {
      POST: [
        recordErrors.missingField,
        genericErrors.invalidValue,
        genericErrors.duplicateEntry,
        serverUnverifiable,
        hostUnresolvable,
        hostUnreachable,
        tooManyDestinations,
        ...writeErrors,
      ],
      PATCH: [genericErrors.invalidValue, serverUnverifiable, recordErrors.changedMeanwhile, ...writeErrors],
      DELETE: [recordErrors.changedMeanwhile, ...writeErrors],
    },
    revision: ({ modified }) => modified,
    list: () => ({ kind: 'rows', rows: rows() }),
    find,
    create: (body, context) => add(withoutNulls(body), context),
    modify: (row, body, context) => modify(row, body, context),
    remove: ({ destination }, context) =>
      turns.take(auditSettingsTurn, () =>
        deleteRecord(
          context,
          () => find(keyOf(destination)),
          async () => {
            const { value, modified } = desired.snapshot().auditSettings;
            const destinations = value.destinations.filter((each) => keyOf(each) !== keyOf(destination));
            if (destinations.length === value.destinations.length) return { kind: 'not-found' };
            return desired.updateAuditSettings({ ...value, destinations }, modified);
          },
        ),
      ),
  };

  async function add(body: ParsedBody, { parameters }: WriteContext): Promise<CreateResult> {
    const receiver = receiverOf(body);
    if (isFailure(receiver)) return receiver;
    const isForced = parameters.get('force') === 'true' || booleanOf(body, 'force') === true;
    if (!isForced) {
      const reached = await reachDestination(receiver);
      if (reached.kind !== 'reached') {
        const { address } = receiver;
        const entry = reached.kind === 'unresolvable' ? hostUnresolvable : hostUnreachable;
        return failure(entry, { address, why: reached.why }, 'address');
      }
    }
    // Its own entry will be the next one, or one behind it.
    const { last } = await desired.auditHead();
    const destination: AuditDestination = { ...receiver, after: last };
    const written = await modifyRecord(
      {},
      {
        turns,
        key: auditSettingsTurn,
        find: () => desired.snapshot().auditSettings,
        write: ({ value, modified }) => {
          const { destinations } = value;
          if (destinations.some((each) => keyOf(each) === keyOf(destination)))
            return failure(genericErrors.duplicateEntry, {}, 'address');
          if (destinations.length >= mostDestinations)
            return failure(tooManyDestinations, { limit: `${mostDestinations}` });
          return desired.updateAuditSettings(
            { ...value, destinations: [...destinations, destination] },
            modified,
          );
        },
      },
    );
    return isFailure(written)
      ? written
      : { kind: 'created', key: keyOf(destination), revision: written.revision };
  }

  function modify(
    { destination: before }: Row,
    body: ParsedBody,
    context: WriteContext,
  ): Promise<ModifyResult> {
    return modifyRecord(context, {
      turns,
      key: auditSettingsTurn,
      find: () => (find(keyOf(before)) === undefined ? undefined : desired.snapshot().auditSettings),
      write: ({ value, modified }) => {
        const unset = [...body].find(([, each]) => each === null);
        if (unset !== undefined)
          return failure(
            genericErrors.invalidValue,
            { value: 'null', field: unset[0], expected: 'a value' },
            unset[0],
          );
        const destinations: AuditDestination[] = [];
        for (const each of value.destinations) {
          const after = keyOf(each) === keyOf(before) ? changed(each, body) : each;
          if (isFailure(after)) return after;
          destinations.push(after);
        }
        return desired.updateAuditSettings({ ...value, destinations }, modified);
      },
    });
  }
}

function keyOf({ address, port }: AuditDestination): string {
  return `${address}/${port}`;
}

function receiverOf(body: ParsedBody): AuditReceiver | ApiFailure {
  const address = textOf(body, 'address');
  if (address === undefined) return missing('address');
  const isHost = isIP(address) !== 0 || /^[a-z0-9]([a-z0-9-]*\.?){0,126}$/i.test(address);
  if (!isHost || address.length > 253)
    return failure(
      genericErrors.invalidValue,
      { value: address, field: 'address', expected: 'IP address or host name' },
      'address',
    );
  const protocol = syslogProtocols.find((each) => each === textOf(body, 'protocol')) ?? 'udp_unencrypted';
  const isEncrypted = protocol === 'tcp_encrypted';
  const port = numberOf(body, 'port') ?? (isEncrypted ? 6514 : 514);
  if (port < 1 || port > 65_535)
    return failure(
      genericErrors.invalidValue,
      { value: `${port}`, field: 'port', expected: '1..65535' },
      'port',
    );
  return changed<AuditReceiver>(
    { address, port, protocol, facility: 'kern', verifyServer: isEncrypted },
    body,
  );
}

/** The receiver, or destination, with what of a body may be changed later on. */
function changed<T extends AuditReceiver>(before: T, body: ParsedBody): T | ApiFailure {
  const verifyServer = booleanOf(body, 'verify_server') ?? before.verifyServer;
  if (verifyServer && before.protocol !== 'tcp_encrypted')
    return failure(serverUnverifiable, {}, 'verify_server');
  const facility = syslogFacilities.find((each) => each === textOf(body, 'facility')) ?? before.facility;
  return { ...before, facility, verifyServer };
}
