import { refusalKinds } from '@esplanade/desired';
import type { ErrorCode } from '@esplanade/ontap';
import { withStatus } from './problem-status.ts';

/** What records of any kind may be answered with, beside the dialect's own errors. */
export const recordErrors = {
  missingField: { code: '262278', status: 400, message: 'Field "{field}" is required. Send it.' },
  changedMeanwhile: {
    code: '8',
    status: 409,
    message: 'Another request changed this record at the same time. Read it again and repeat the change.',
  },
  defaultIpspace: {
    code: '8',
    status: 409,
    message: 'The IPspace "Default" is the host\'s own network namespace and cannot be deleted.',
  },
  clusterWithSvm: {
    code: '262186',
    status: 400,
    message:
      'Field "scope" cannot be "cluster" with field "svm", or in a request for one SVM. Leave one of them out.',
  },
  notSaved: { code: '65562', status: 503, message: 'The change was not saved: {why}. Try again.' },
  sasUnobserved: { code: '65562', status: 503, message: 'The SAs cannot be observed now. {why}.' },
  /** In the `error` member of a 200, beside the records. */
  sasOfBefore: {
    code: '65562',
    status: 200,
    message: 'These are the last known SAs, the datapath does not answer. {why}.',
  },
} as const satisfies Record<string, ErrorCode>;

/** Why desired state refuses a write, with the statuses of the generic codes. */
export const refusalErrors = withStatus(refusalKinds);
