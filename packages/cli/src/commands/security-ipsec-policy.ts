import type { Command } from '../command.ts';
import type { Context } from '../context.ts';
import type { Directory } from '../directory/directory.ts';
import { createCommand, deleteCommand, modifyCommand, showCommand } from '../directory/verbs.ts';
import { lockOutText, policyFields } from './security-ipsec-policy-fields.ts';

const directory: Directory = {
  words: ['security', 'ipsec', 'policy'],
  noun: ['policy', 'policies'],
  path: '/private/cli/security/ipsec/policy',
  fields: policyFields,
  verbs: {
    show: {
      description: [
        'Shows which traffic is protected, let through or dropped. Keys are never shown.',
        'Every field can be asked for: -policy-name nfs*, -action !BYPASS, -remote-ports 2049. Whether a policy is in force, and if not why, tells "security ipsec state show"; which policy decides for a packet, "security ipsec decision show".',
      ],
      examples: [
        { line: 'security ipsec policy show', explains: 'All policies' },
        { line: 'security ipsec policy show -vserver svm1 -name nfs', explains: 'Everything about one' },
        {
          line: "security ipsec policy show -policy-name 'nfs*' -action '!BYPASS'",
          explains: 'Those whose name begins with nfs and that do not let through',
        },
        {
          line: 'security ipsec policy show -fields protocols,remote-ports',
          explains: 'Other fields than usual',
        },
      ],
    },
    create: {
      description: [
        'Says what happens to the traffic between two subnets, of one protocol and port or of any. The narrower selector decides where two overlap.',
        'The key is asked for, or read from -shared-key-file; it is never given on the command line, which everybody on the machine can read. One that begins with 0x is hexadecimal, with 0s base64. The other side must have a policy that mirrors this one.',
      ],
      examples: [
        {
          line: 'security ipsec policy create -vserver svm1 -name nfs -local-ip-subnets 192.0.2.1/32 -remote-ip-subnets 198.51.100.0/24 -local-ports 2049 -protocols tcp',
          explains: 'Protect NFS with a pre-shared key, which is asked for',
        },
        {
          line: 'security ipsec policy create -vserver svm1 -name smb -local-ip-subnets 192.0.2.1/32 -remote-ip-subnets 198.51.100.0/24 -shared-key-file smb.key',
          explains: 'With the key in a file',
        },
        {
          line: 'security ipsec policy create -vserver svm1 -name mgmt -local-ip-subnets 192.0.2.1/32 -remote-ip-subnets 203.0.113.5/32 -action BYPASS',
          explains: 'Let one host through in clear',
        },
        {
          line: 'security ipsec policy create -vserver svm1 -name pki -local-ip-subnets 192.0.2.1/32 -remote-ip-subnets 198.51.100.7/32 -auth-method PKI -cert-name coast -remote-identity "CN=bay"',
          explains: 'With certificates',
        },
      ],
    },
    modify: {
      description: [
        'Changes policies. Nothing goes out in clear meanwhile: the new form is in place before the old one is taken away.',
        lockOutText,
        'With a new key the old one stays good for an hour, or for -overlap seconds, so that the other side can follow.',
      ],
      examples: [
        {
          line: 'security ipsec policy modify -vserver svm1 -name nfs -is-enabled false',
          explains: 'Switch it off, and end its SAs',
        },
        {
          line: 'security ipsec policy modify -name nfs -shared-key -overlap 600',
          explains: 'A new key, which is asked for; the old one is good for ten minutes more',
        },
        {
          line: "security ipsec policy modify -name 'nfs*' -ipsec-lifetime 3600 -force",
          explains: 'All whose name begins with nfs, without a question',
        },
      ],
    },
    delete: {
      description: [
        'Deletes policies and ends their SAs. Their traffic is for other policies then, or goes in clear.',
        lockOutText,
      ],
      examples: [
        { line: 'security ipsec policy delete -vserver svm1 -name nfs', explains: 'The policy nfs' },
        { line: "security ipsec policy delete -name 'smb|mgmt'", explains: 'Several: asks first' },
      ],
    },
  },
};

/** `security ipsec policy show`. */
export const show: Command = showCommand(directory);
const creation = createCommand(directory);

/** `security ipsec policy create`. */
export const create: Command = {
  ...creation,
  run: async (given, context) => {
    const status = await creation.run(given, context);
    if (!context.output.isExact && (await isIpsecDisabled(context))) context.output.say(disabled);
    return status;
  },
};

const disabled =
  'IPsec is disabled, so nothing is carried out yet: "security ipsec config modify -is-enabled true" enables it.';

/** Only to remind of it: the policy is made, whether this can be learnt or not. */
async function isIpsecDisabled(context: Context): Promise<boolean> {
  try {
    const { enabled } = await (await context.api()).record('/security/ipsec').get();
    return enabled === false;
  } catch {
    context.signal.throwIfAborted();
    return false;
  }
}

/** `security ipsec policy modify`. */
export const modify: Command = modifyCommand(directory);
/** `security ipsec policy delete`. */
export const remove: Command = deleteCommand(directory);
