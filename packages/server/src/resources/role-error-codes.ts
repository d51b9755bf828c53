import { roleRefusals } from '@esplanade/desired';
import type { ErrorCode } from '@esplanade/ontap';
import { withStatus } from './problem-status.ts';

/** The codes of `/security/roles`. NetApp documents no status: all are the user's to mend (docs/discoveries/ontap.md). */
export const roleErrors = {
  builtIn: {
    code: '1263347',
    status: 400,
    message:
      'Cannot modify pre-defined roles. Make a role of your own with the privileges of "{name}" that you need.',
  },
  accessInvalid: {
    code: '5636144',
    status: 400,
    message: 'There is no access "{access}". Send one of {levels}.',
  },
  pathInvalid: {
    code: '5636169',
    status: 400,
    message:
      'The path "{path}" is not one of this API: those begin with /api, and commands are not there. GET /openapi.json lists them.',
  },
  pathUnknown: {
    code: '5636170',
    status: 400,
    message:
      'URI "{path}" does not exist. Name a path of the API, the beginning of several, or what lies behind a key; keys are all named, or all of them are *.',
  },
  queryRefused: {
    code: '5636192',
    status: 400,
    message: 'The query parameter cannot be specified for the privileges of paths. Leave it out.',
  },
  /** Ours: ONTAP says nothing of it. */
  lastPrivilege: {
    code: '990004',
    status: 400,
    message:
      'This is the only privilege of role "{name}", and there is no role without one. Delete the role.',
  },
  /** Ours: nobody gains rights by giving them. */
  beyondOwnRights: {
    code: '990003',
    status: 403,
    message:
      'Role "{role}" of {owner} lets its accounts do what your own role does not let you. Only who may do all that can give it, change it, or change an account that has it.',
  },
  /** Ours: who has the key of such a CA is whoever he wants to be. */
  loginCaNotYours: {
    code: '990003',
    status: 403,
    message:
      'A client_ca says who logs in as the accounts of {owner}. Only accounts of the cluster that may do all that those may install or delete it, sign with its key, or take away its revocation list.',
  },
  ...withStatus(roleRefusals),
} as const satisfies Record<string, ErrorCode>;
