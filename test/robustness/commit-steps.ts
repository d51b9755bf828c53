/**
 * Every step of a write from its arrival to its answer, as commit-probe.ts sees them; each is a point to be killed at.
 * The test holds this list against what writes of every kind really do: a step that is not here fails it, and so does
 * one that is here and no longer happens.
 */
export const commitSteps: readonly string[] = [
  'server: the request has arrived',
  'server: its body is read',
  'server: a secret is sealed',
  'server: a commit is queued',
  'server: a batch is sent to the writer',
  'server: a batch is on its way',
  'store writer: a batch has arrived',
  'store writer: BEGIN IMMEDIATE',
  'store writer: SELECT head',
  'store writer: SELECT documents',
  'store writer: INSERT documents',
  'store writer: DELETE documents',
  'store writer: SELECT logs',
  'store writer: SELECT log_entries',
  'store writer: INSERT log_entries',
  'store writer: UPDATE head',
  'store writer: INSERT logs',
  'store writer: COMMIT',
  'store writer: the outcome is sent back',
  'store writer: the outcome is on its way',
  'server: the outcome has arrived',
  'server: the records are changed',
  'server: the snapshot is made',
  'server: the snapshot is there',
  'server: the datapath is told to install',
  'server: the datapath is told to remove',
  'server: the answer is begun',
  'server: the answer is ended',
  'server: the answer is written',
  'server: the answer is with the kernel',
];
