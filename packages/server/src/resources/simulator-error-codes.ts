import type { ErrorCode } from '@esplanade/ontap';

/** What only the simulator can be answered with. */
export const simulatorErrors = {
  notSimulated: {
    code: '990003',
    status: 409,
    message:
      'strongSwan carries the policies of this server, and only the simulator can be told what to do. Start a server with --datapath simulated on a data directory of its own.',
  },
  unfinishedName: {
    code: '262185',
    status: 400,
    message: '{count} policies are called "{name}". Name the SVM as well, or send the UUID of the policy.',
  },
  noSuchPolicy: {
    code: '4',
    status: 404,
    message: 'There is no policy {policy}. GET /api/security/ipsec/policies lists those there are.',
  },
  notFaulty: {
    code: '262186',
    status: 400,
    message: 'Field "{field}" says nothing of a fault of the kind {kind}. Leave it out.',
  },
  tooManyFaults: {
    code: '990006',
    status: 409,
    message: 'There are {most} faults, and no more are kept. Delete some, or reset the simulator.',
  },
  badSeed: { code: '262197', status: 400, message: 'Nothing was changed: {problem}.' },
  badClock: {
    code: '262197',
    status: 400,
    message:
      'The clock can be set to at most {most} seconds ahead of that of the machine, and not behind it. It falls behind when it is stopped.',
  },
  nothingToBringUp: {
    code: '990004',
    status: 409,
    message:
      'The simulator has no policy "{name}" that protects traffic: it is disabled or shadowed, or IPsec is, or its action is bypass or discard. GET /api/esplanade/v1/policies tells.',
  },
  nothingToRekey: {
    code: '990004',
    status: 409,
    message: 'Policy "{name}" has no SA. Bring one up first.',
  },
  notNegotiated: {
    code: '990005',
    status: 409,
    message: 'Policy "{name}": {why}. GET /api/esplanade/v1/simulator/faults tells of the fault.',
  },
} as const satisfies Record<string, ErrorCode>;
