import type { ErrorCode } from '@esplanade/ontap';

/** What the audit log and its destinations may be answered with, beside the dialect's own errors. */
export const auditErrors = {
  notRecorded: {
    code: '65562',
    status: 503,
    message: 'The audit log cannot be written: {why}. Nothing was changed that is not in it. Try again.',
  },
  unreadable: {
    code: '65562',
    status: 503,
    message: 'The audit log cannot be read now: {why}. Try again.',
  },
  serverUnverifiable: {
    code: '4522285',
    status: 400,
    message: 'Field "verify_server" needs the protocol "tcp_encrypted".',
  },
  hostUnresolvable: {
    code: '9240604',
    status: 400,
    message:
      'The destination "{address}" cannot be resolved: {why}. Use "?force=true" to add it all the same.',
  },
  hostUnreachable: {
    code: '9240609',
    status: 400,
    message:
      'The destination "{address}" cannot be reached: {why}. Use "?force=true" to add it all the same.',
  },
  tooManyDestinations: {
    code: '262197',
    status: 400,
    message: 'There are {limit} destinations already, which is the most there can be. Delete one.',
  },
} as const satisfies Record<string, ErrorCode>;
