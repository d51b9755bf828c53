import type { CollectionResource } from '@esplanade/ontap';
import { referenceFields } from './reference-fields.ts';

/** What a job would be; there is none. */
interface Job {
  readonly uuid: string;
}

/**
 * `/cluster/jobs`: always empty, because every call is answered when it is done. Clients that ask for a job all the same
 * hear that there is none of that UUID.
 */
export function clusterJobs(): CollectionResource<Job> {
  const unset = () => undefined;
  return {
    kind: 'collection',
    path: '/cluster/jobs',
    svmAccess: ['GET'],
    title: 'Jobs (none: every call is answered when it is done)',
    key: 'uuid',
    fields: {
      uuid: { type: 'string', description: 'UUID of the job.', isDefault: true, get: ({ uuid }) => uuid },
      description: {
        type: 'string',
        description: 'The request that began it.',
        example: 'POST /api/svm/svms',
        get: unset,
      },
      state: {
        type: 'string',
        description: 'How far it is.',
        enum: ['queued', 'running', 'paused', 'success', 'failure', 'pausing', 'dead'],
        get: unset,
      },
      message: { type: 'string', description: 'What came of it.', example: 'success', get: unset },
      code: { type: 'integer', description: 'Error code of a failed job, else 0.', get: unset },
      start_time: { type: 'datetime', description: 'When it began.', get: unset },
      end_time: { type: 'datetime', description: 'When it ended.', get: unset },
      'error.code': {
        type: 'string',
        description: 'Why it failed, as in the body of a refusal.',
        example: '4',
        get: unset,
      },
      'error.message': {
        type: 'string',
        description: 'Why it failed, a sentence.',
        example: "entry doesn't exist",
        get: unset,
      },
      'error.target': {
        type: 'string',
        description: 'The field that made it fail.',
        example: 'uuid',
        get: unset,
      },
      ...referenceFields<Job>('node', 'the node it ran on', unset),
      ...referenceFields<Job>('svm', 'the SVM it was for', unset),
    },
    list: () => ({ kind: 'rows', rows: [], inKeyOrder: true }),
    find: unset,
  };
}
