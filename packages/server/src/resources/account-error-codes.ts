import { accountRefusals } from '@esplanade/desired';
import type { ErrorCode } from '@esplanade/ontap';
import { withStatus } from './problem-status.ts';

/**
 * The codes of `/security/accounts`. NetApp documents no status: all are the user's to mend
 * (docs/discoveries/ontap.md).
 */
export const accountErrors = {
  nameInvalid: {
    code: '7077897',
    status: 400,
    message:
      'An account\'s name has 3 to 64 letters, digits, dots, dashes, underscores or @ and begins with a letter, a digit or an underscore. "{name}" is none.',
  },
  /** As of `svm.uuid` and `svm.name`, in the words of this resource. */
  ownersDisagree: {
    code: '2621706',
    status: 400,
    message: 'The specified "owner.uuid" "{uuid}" and "owner.name" "{name}" refer to different SVMs.',
  },
  passwordWithName: {
    code: '7077918',
    status: 400,
    message: 'The password holds the name of the account. Choose another one.',
  },
  passwordMangled: {
    code: '262197',
    status: 400,
    message:
      'The password has U+FFFD in it, which stands for bytes that were not UTF-8, or half a character. Send it in UTF-8.',
  },
  passwordTooShort: {
    code: '7077919',
    status: 400,
    message: 'A password has 8 characters or more. Choose a longer one.',
  },
  /** The sentence by which NetApp's Ansible module tells that nothing is to be changed. */
  passwordAgain: {
    code: '7077925',
    status: 400,
    message: 'New password must be different than the old password. Choose another one.',
  },
  /** A password beside another way to log in, or another way without a password. */
  passwordWithoutMethod: {
    code: '262186',
    status: 400,
    message:
      'Account "{name}" does not log in by a password. Leave the password out, or send the method password too.',
  },
  passwordTooLong: {
    code: '7077940',
    status: 400,
    message: 'A password has up to 128 characters. Choose a shorter one.',
  },
  ...withStatus(accountRefusals),
} as const satisfies Record<string, ErrorCode>;
