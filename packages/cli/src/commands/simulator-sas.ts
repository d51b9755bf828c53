import type { Command, Example, Parameter } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import type { Column } from '../output/column.ts';
import { misused } from '../parse.ts';

const policies = '/security/ipsec/policies';

const policyParameters: readonly Parameter[] = [
  {
    name: 'policy-name',
    aliases: ['name'],
    value: { kind: 'text', placeholder: 'NAME' },
    help: 'Policy whose SAs it is about',
    isPositional: true,
    source: { path: policies, field: 'name' },
    target: 'policy.name',
  },
  {
    name: 'vserver',
    value: { kind: 'text', placeholder: 'NAME' },
    help: 'SVM of the policy, or the cluster, where several have one of that name',
    source: { path: policies, field: 'svm.name' },
    target: 'svm.name',
  },
  {
    name: 'policy-uuid',
    aliases: ['uuid'],
    value: { kind: 'text', placeholder: 'UUID' },
    help: 'The policy by its UUID, instead of its name',
    source: { path: policies, field: 'uuid', label: 'name' },
    target: 'policy.uuid',
  },
];

const remoteParameter: Parameter = {
  name: 'remote-address',
  value: { kind: 'text', placeholder: 'ADDRESS' },
  help: 'Host to have it with, for a policy that is about many',
  target: 'remote_address',
};

/** `simulator up`. */
export const up: Command = {
  ...command(
    'up',
    'Brings up one more SA of a policy. One that is about a single host has its SA by itself.',
    [
      { line: 'simulator up pki', explains: 'One more SA of the policy pki' },
      { line: 'simulator up nfs -remote-address 198.51.100.77', explains: 'With one host of many' },
    ],
  ),
  parameters: [...policyParameters, remoteParameter],
};

/** `simulator down`. */
export const down: Command = command(
  'down',
  'Ends the SAs of a policy. The policy stays in force, and its SAs stay away until "simulator up".',
  [{ line: 'simulator down nfs', explains: 'As if the peer had ended them' }],
);

/** `simulator rekey`. */
export const rekey: Command = command(
  'rekey',
  'Rekeys the SAs of a policy: they get other SPIs, and their counters begin at zero.',
  [{ line: 'simulator rekey nfs', explains: 'Other SPIs' }],
);

const columns: readonly Column[] = [
  { name: 'policy-name', field: 'policy.name', label: 'Policy Name', format: 'text' },
  { name: 'policy-uuid', field: 'policy.uuid', label: 'Policy UUID', format: 'text' },
  { name: 'child-sas', field: 'security_associations.count', label: 'CHILD SAs', format: 'count' },
];

function command(verb: string, description: string, examples: readonly Example[]): Command {
  return {
    description: [description],
    parameters: policyParameters,
    examples,
    run: async (given, { api, output }) => {
      const name = given.text('policy-name');
      const uuid = given.text('policy-uuid');
      if (name === undefined && uuid === undefined) throw misused('Missing: POLICY-NAME, or -policy-uuid.');
      const vserver = given.text('vserver');
      const remote = given.text('remote-address');
      const answer = await (await api()).call('POST', `/esplanade/v1/simulator/${verb}`, {
        policy: { ...(name !== undefined && { name }), ...(uuid !== undefined && { uuid }) },
        ...(vserver !== undefined && { svm: { name: vserver } }),
        ...(remote !== undefined && { remote_address: remote }),
      });
      if (output.isExact) await output.list({ columns, records: [answer], isSingle: true });
      else output.say(`Policy "${Object(answer.policy).name}" has ${countIn(answer)} now.`);
      return exitStatus.done;
    },
  };
}

function countIn(answer: unknown): string {
  const { count } = Object(Object(answer).security_associations);
  return count === 1 ? '1 CHILD SA' : `${count} CHILD SAs`;
}
