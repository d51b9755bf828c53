import type { EsplanadeV1SimulatorFault, EsplanadeV1SimulatorPeer } from '@esplanade/sdk';
import type { DirectoryField } from '../directory/directory.ts';

const ofPeers = {
  unreachable: 'unreachable',
  authentication_failed: 'authentication-failed',
  no_proposal: 'no-proposal',
} as const satisfies Record<NonNullable<EsplanadeV1SimulatorPeer['fault']>, string>;

const ofAll = {
  ...ofPeers,
  daemon_down: 'daemon-down',
  hang: 'hang',
  refuse: 'refuse',
} as const satisfies Record<EsplanadeV1SimulatorFault['kind'], string>;

/** Kinds of faults: as the API writes them, and as the command line does. */
function kinds(words: Readonly<Record<string, string>>) {
  return { format: 'keyword', words, value: { kind: 'choice', choices: Object.values(words) } } as const;
}

/** What may be wrong with a peer. */
export const peerFaultKinds = kinds(ofPeers);
/** What may go wrong. */
export const faultKinds = kinds(ofAll);

/** The IPspace of what is simulated. */
export const ipspaceField = {
  name: 'ipspace',
  field: 'ipspace.name',
  label: 'IPspace',
  heading: ['IPspace'],
  format: 'text',
  value: { kind: 'text', placeholder: 'IPspace' },
  help: 'IPspace in which it is',
  isKey: true,
  source: { path: '/network/ipspaces', field: 'name' },
} as const satisfies DirectoryField;

/** A peer that is simulated. */
export const remoteAddressField = {
  name: 'remote-address',
  field: 'remote_address',
  label: 'Remote Address',
  heading: ['Remote', 'Address'],
  format: 'text',
  value: { kind: 'text', placeholder: 'ADDRESS' },
  help: 'Address of the peer',
} as const satisfies DirectoryField;
