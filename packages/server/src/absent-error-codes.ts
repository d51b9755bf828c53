import type { ErrorCode } from '@esplanade/ontap';

/** One of ONTAP's errors that no request here is answered with, and why not. */
export interface AbsentError extends ErrorCode {
  readonly absentBecause: string;
}

const oneNode = 'There is one node and one process: nothing is called remotely, and there is no quorum.';
const neverFails =
  'A write that is saved is carried out until it succeeds; meanwhile the state of the policy or of the datapath says what is in the way.';
const noSsl = 'The certificates of this API serve IPsec alone; that of HTTPS is a file.';
const ownRoots = 'A generated certificate is signed by itself and brings no certificate of a CA with it.';
const noFips =
  'There is no FIPS mode. Short RSA keys are always refused, with 3735700, and weak hashes with 52560173, unless a certificate is signed with its own key: nobody relies on that signature.';
const preinstalled = 'No certificates come with the product.';
const noAzure = 'There is no Azure Key Vault; its fields are unknown.';
const unexplained = 'No document says what it means.';

/** What ONTAP documents for the resources served here and cannot occur; the messages say what each means there. */
export const absentErrors = {
  rpcTimeout: {
    code: '65541',
    status: 500,
    message: 'Another node did not answer in time.',
    absentBecause: oneNode,
  },
  outOfQuorum: {
    code: '393271',
    status: 500,
    message: 'A node is out of quorum.',
    absentBecause: oneNode,
  },
  systemAccount: {
    code: '5636125',
    status: 400,
    message: 'The account is one of the system itself.',
    absentBecause: 'There are no accounts but those that people make, and the first one.',
  },
  lastConsoleAccount: {
    code: '5636146',
    status: 400,
    message: 'The last administrator of the console cannot be deleted.',
    absentBecause: 'There is no console to log in to; the last administrator of all is 5636098.',
  },
  unexplained262190: { code: '262190', status: 400, message: 'Unknown.', absentBecause: unexplained },
  unexplained262210: { code: '262210', status: 400, message: 'Unknown.', absentBecause: unexplained },
  approvalNeeded: {
    code: '262325',
    status: 403,
    message: 'The request waits for the approval of other administrators.',
    absentBecause: 'There is no multi-admin verification here.',
  },
  purgeFailed: {
    code: '66257096',
    status: 500,
    message: 'The SAs of a deleted policy could not be removed.',
    absentBecause: neverFails,
  },
  ikeVersion: {
    code: '66257102',
    status: 400,
    message: 'IKEv1 is not supported.',
    absentBecause: 'No field asks for a version of IKE; it is always IKEv2.',
  },
  noSequence: {
    code: '66257110',
    status: 500,
    message: 'The place of the policy among the others could not be found.',
    absentBecause: 'The place follows from the selector alone; nothing is assigned that could run out.',
  },
  noDataSvm: {
    code: '66257117',
    status: 400,
    message: 'IPsec is for data SVMs only.',
    absentBecause: 'Every SVM is a data SVM.',
  },
  migrating: {
    code: '66257142',
    status: 400,
    message: 'The SVM is being migrated.',
    since: '9.16.1',
    absentBecause: 'SVMs do not migrate.',
  },
  mixedVersions: {
    code: '66257199',
    status: 400,
    message: 'Not all nodes run a version that supports IPsec.',
    absentBecause: 'There is one node, and it does.',
  },
  metroCluster: {
    code: '66257396',
    status: 400,
    message: 'The administrative SVM of a MetroCluster takes no policies.',
    since: '9.12.1',
    absentBecause: 'There is no MetroCluster.',
  },
  bgpPasswords: {
    code: '66257496',
    status: 400,
    message: 'IPsec cannot be disabled while BGP peer groups use MD5.',
    since: '9.16.1',
    absentBecause: 'BGP is not configured through this API.',
  },
  certificateNotMade: {
    code: '3735553',
    status: 500,
    message: 'A self-signed certificate could not be made.',
    absentBecause:
      'What can be wrong with the order is checked before; a key and a certificate are then made.',
  },
  sslNotRemoved: {
    code: '3735590',
    status: 500,
    message: 'The SSL configuration with the certificate could not be removed.',
    absentBecause: noSsl,
  },
  ownRootOfClient: {
    code: '3735627',
    status: 400,
    message: 'The certificate goes with its root_ca, which is to be deleted instead.',
    absentBecause: ownRoots,
  },
  serverChain: {
    code: '3735644',
    status: 400,
    message: 'The certificate is part of the chain of a server certificate.',
    absentBecause: 'A server certificate keeps its chain itself.',
  },
  ownRootOfServer: {
    code: '3735650',
    status: 400,
    message: 'The certificate goes with its root_ca, which is to be deleted instead.',
    absentBecause: ownRoots,
  },
  keySizeInFips: {
    code: '3735664',
    status: 400,
    message: 'The key is too short for FIPS mode.',
    absentBecause: noFips,
  },
  hashInFips: {
    code: '3735665',
    status: 400,
    message: 'The hash is not allowed in FIPS mode.',
    absentBecause: noFips,
  },
  preinstalled: {
    code: '3735679',
    status: 400,
    message: 'The certificate was installed at the factory and cannot be deleted.',
    absentBecause: preinstalled,
  },
  preinstalledInUse: {
    code: '3735681',
    status: 400,
    message: 'The certificate was installed at the factory and cannot be deleted.',
    absentBecause: preinstalled,
  },
  keyManager: {
    code: '3735683',
    status: 400,
    message: 'The key manager uses the certificate.',
    absentBecause: 'There is no key manager.',
  },
  firstOfAzure: {
    code: '3735751',
    status: 400,
    message: 'A certificate could not be had from Azure Key Vault (3735751 to 3735764).',
    absentBecause: noAzure,
  },
  lastOfAzure: {
    code: '3735764',
    status: 400,
    message: 'A certificate could not be had from Azure Key Vault (3735751 to 3735764).',
    absentBecause: noAzure,
  },
  outOfMemory: {
    code: '52363365',
    status: 500,
    message: 'There is not enough memory.',
    absentBecause: 'A process without memory ends and begins anew; it answers nothing.',
  },
  certificateInFips: {
    code: '52559974',
    status: 400,
    message: 'The certificate is not allowed in FIPS mode.',
    absentBecause: noFips,
  },
} as const satisfies Record<string, AbsentError>;
