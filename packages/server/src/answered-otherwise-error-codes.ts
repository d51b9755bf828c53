import { type ErrorCode, genericErrors } from '@esplanade/ontap';
import { recordErrors } from './resources/record-error-codes.ts';

/** One of ONTAP's errors whose occasion there is here, and is answered in another way. */
export interface OtherwiseError extends ErrorCode {
  /** What it is answered with; nothing when it is no error here. */
  readonly answeredWith: readonly ErrorCode[];
  readonly absentBecause: string;
}

const { notSaved } = recordErrors;
const savedOrNot =
  'What can fail is the saving, of any record alike; what is saved is carried out until it succeeds.';
const moreExact = 'There is a code that tells more exactly what is wrong.';

/**
 * What ONTAP documents for the resources served here and another code stands for; the messages say what each means
 * there.
 */
export const otherwiseErrors = {
  invalidField: {
    code: '2',
    status: 400,
    message: 'A field is invalid, missing or unexpected.',
    answeredWith: [
      genericErrors.unexpectedArgument,
      genericErrors.notAmongValues,
      genericErrors.invalidValue,
      recordErrors.missingField,
    ],
    absentBecause: moreExact,
  },
  notInPatch: {
    code: '262203',
    status: 400,
    message: 'A field cannot be part of a PATCH.',
    answeredWith: [genericErrors.notWritable],
    absentBecause: 'It is the same of any verb.',
  },
  invalidFieldValue: {
    code: '262247',
    status: 400,
    message: 'The value of a field is invalid.',
    answeredWith: [genericErrors.invalidValue],
    absentBecause: 'That one also names what is expected.',
  },
  invalidFieldSet: {
    code: '262279',
    status: 400,
    message: 'The fields given do not go together.',
    answeredWith: [recordErrors.clusterWithSvm, recordErrors.missingField],
    absentBecause: moreExact,
  },
  enablingFailed: {
    code: '66256898',
    status: 500,
    message: 'IPsec could not be enabled for an internal reason.',
    answeredWith: [notSaved],
    absentBecause: savedOrNot,
  },
  disablingFailed: {
    code: '66256899',
    status: 500,
    message: 'IPsec could not be disabled for an internal reason.',
    answeredWith: [notSaved],
    absentBecause: savedOrNot,
  },
  updateFailed: {
    code: '66257097',
    status: 500,
    message: 'The policy could not be updated for an internal reason.',
    answeredWith: [notSaved],
    absentBecause: savedOrNot,
  },
  noProtection: {
    code: '66257112',
    status: 400,
    message: 'The action protects nothing, so that the authentication given is without effect.',
    answeredWith: [],
    absentBecause:
      'Credentials of bypass and discard are ignored without a word, as clients of ONTAP expect it.',
  },
  noHostAddress: {
    code: '66257120',
    status: 400,
    message: 'An endpoint must be one host.',
    answeredWith: [],
    absentBecause: 'Subnets are good on both sides.',
  },
  newerFeature: {
    code: '66257201',
    status: 400,
    message: 'The feature needs a newer version on all nodes.',
    since: '9.16.1',
    answeredWith: [genericErrors.unexpectedArgument],
    absentBecause: 'What is newer than the emulated release is unknown to it.',
  },
  certificateNotDeleted: {
    code: '3735589',
    status: 500,
    message: 'The certificate could not be deleted.',
    answeredWith: [notSaved],
    absentBecause: 'Deleting is one commit, and nothing is half done.',
  },
  serialNumberGiven: {
    code: '3735645',
    status: 400,
    message: 'A serial number cannot be given.',
    answeredWith: [genericErrors.notWritable],
    absentBecause: 'It is the same of every field that is not writable.',
  },
  certificateNotStored: {
    code: '3735646',
    status: 500,
    message: 'The certificate could not be stored.',
    answeredWith: [notSaved],
    absentBecause: savedOrNot,
  },
} as const satisfies Record<string, OtherwiseError>;
