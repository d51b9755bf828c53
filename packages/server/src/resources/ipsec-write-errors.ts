import { problemKinds } from '@esplanade/domain';
import { genericErrors, type Resource } from '@esplanade/ontap';
import { ipsecErrors } from './ipsec-error-codes.ts';
import { writeErrors } from './named-record.ts';
import { withStatus } from './problem-status.ts';
import { recordErrors, refusalErrors } from './record-error-codes.ts';

type Errors = NonNullable<Resource<unknown>['errors']>;

const ofPackets = withStatus(problemKinds);
/** Only a question about a packet has fields that must not be missing one by one. */
const { missingValue, ...ofPolicies } = ofPackets;
const ofNameAndPeer = [
  ipsecErrors.duplicateName,
  ipsecErrors.duplicateNameFormerly,
  refusalErrors.peerWithAnotherKey,
  refusalErrors.peerTakenElsewhere,
  refusalErrors.identityOfAnotherOwner,
  refusalErrors.identityTakenElsewhere,
  refusalErrors.addressNotOwned,
  refusalErrors.identityNotOwned,
  refusalErrors.identityOfAnotherInterface,
  refusalErrors.noIdentity,
  refusalErrors.peerWithAnotherPostquantumKey,
  refusalErrors.postquantumIdentityWithAnotherKey,
  refusalErrors.postquantumKeyTakenElsewhere,
  ipsecErrors.wouldLockOut,
];
const ofWrites = [recordErrors.changedMeanwhile, ...writeErrors];

/** What writes of policies are refused with, in REST and in the CLI. */
export const policyWriteErrors = {
  POST: [
    ...Object.values(ofPolicies),
    ipsecErrors.protectionWithoutKeyFormerly,
    ipsecErrors.keyMissingFormerly,
    genericErrors.svmMissing,
    ipsecErrors.unknownSvmName,
    ipsecErrors.unknownSvmUuid,
    ipsecErrors.ipspacesDisagree,
    ipsecErrors.svmNotInIpspace,
    recordErrors.clusterWithSvm,
    refusalErrors.svmFull,
    refusalErrors.clusterFull,
    refusalErrors.parentMissing,
    ...ofNameAndPeer,
    ...ofWrites,
  ],
  PATCH: [...Object.values(ofPolicies), ipsecErrors.certificateWithoutPki, ...ofNameAndPeer, ...ofWrites],
  DELETE: [ipsecErrors.wouldLockOut, ...ofWrites],
} as const satisfies Errors;

/** What a PATCH of the configuration is refused with, in REST and in the CLI. */
export const configWriteErrors = {
  PATCH: [
    ipsecErrors.offloadWhileEnabled,
    ipsecErrors.offloadWithReplay,
    ipsecErrors.replayWindowUnsupported,
    ipsecErrors.wouldLockOut,
    ...ofWrites,
  ],
} as const satisfies Errors;

/** What a question about a packet is refused with. */
export const packetErrors = {
  GET: [ofPackets.invalidValue, missingValue, ofPackets.unusableValue],
} as const satisfies Errors;
