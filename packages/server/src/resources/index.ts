import { metricsPath } from '@esplanade/desired';
import type { Resource } from '@esplanade/ontap';
import { cluster } from './cluster.ts';
import { clusterJobs } from './cluster-jobs.ts';
import { clusterNodes } from './cluster-nodes.ts';
import { esplanadeRevocationLists } from './esplanade-v1-certificate-revocation-lists.ts';
import { esplanadeDatapaths } from './esplanade-v1-datapaths.ts';
import { esplanadeDecisions } from './esplanade-v1-decisions.ts';
import { esplanadePolicies } from './esplanade-v1-policies.ts';
import { esplanadeRevocationModes } from './esplanade-v1-revocation-modes.ts';
import { esplanadeSimulator, esplanadeSimulatorReset } from './esplanade-v1-simulator.ts';
import { esplanadeSimulatorFaults } from './esplanade-v1-simulator-faults.ts';
import { esplanadeSimulatorPeers } from './esplanade-v1-simulator-peers.ts';
import {
  esplanadeSimulatorDown,
  esplanadeSimulatorRekey,
  esplanadeSimulatorUp,
} from './esplanade-v1-simulator-sas.ts';
import { networkIpInterfaces } from './network-ip-interfaces.ts';
import { networkIpspaces } from './network-ipspaces.ts';
import { privateCliIpsecCaCertificate } from './private-cli-ipsec-ca-certificate.ts';
import {
  privateCliIpsecCaCertificateAdd,
  privateCliIpsecCaCertificateRemove,
} from './private-cli-ipsec-ca-certificate-writes.ts';
import { privateCliIpsecConfig } from './private-cli-ipsec-config.ts';
import { privateCliIpsecPolicy } from './private-cli-ipsec-policy.ts';
import { privateCliIpsecEspSas, privateCliIpsecIkeSas } from './private-cli-ipsec-sas.ts';
import { privateCliVserver } from './private-cli-vserver.ts';
import type { ResourceParts } from './resource-parts.ts';
import { RoleGrants } from './role-grants.ts';
import { securityAccounts } from './security-accounts.ts';
import { securityAudit } from './security-audit.ts';
import { securityAuditDestinations } from './security-audit-destinations.ts';
import { securityAuditMessages } from './security-audit-messages.ts';
import { securityCertificates } from './security-certificates.ts';
import { securityCertificatesSign } from './security-certificates-sign.ts';
import { securityIpsec } from './security-ipsec.ts';
import { securityIpsecCaCertificates } from './security-ipsec-ca-certificates.ts';
import { securityIpsecPolicies } from './security-ipsec-policies.ts';
import { securityIpsecSecurityAssociations } from './security-ipsec-security-associations.ts';
import { securityRolePrivileges } from './security-role-privileges.ts';
import { securityRoles } from './security-roles.ts';
import { svmSvms } from './svm-svms.ts';

/** Every resource of the API: to add one, write its file and name it here. */
export function allResources(parts: ResourceParts): readonly Resource<unknown>[] {
  // What roles may name are the resources, roles themselves among them.
  const grants = new RoleGrants(() => resources);
  const terms = () => ({ resources, others: [metricsPath], release: parts.ontapVersion });
  const resources: readonly Resource<unknown>[] = [
    cluster(parts),
    clusterJobs(),
    clusterNodes(parts),
    svmSvms(parts),
    networkIpspaces(parts),
    networkIpInterfaces(parts),
    securityAccounts(parts, grants),
    securityRoles(parts, grants, terms),
    securityRolePrivileges(parts, grants, terms),
    securityAudit(parts),
    securityAuditDestinations(parts),
    securityAuditMessages(parts),
    securityCertificates(parts, grants),
    securityCertificatesSign(parts, grants),
    securityIpsec(parts),
    securityIpsecCaCertificates(parts),
    securityIpsecPolicies(parts),
    securityIpsecSecurityAssociations(parts),
    privateCliVserver(parts),
    privateCliIpsecConfig(parts),
    privateCliIpsecPolicy(parts),
    privateCliIpsecCaCertificate(parts),
    privateCliIpsecCaCertificateAdd(parts),
    privateCliIpsecCaCertificateRemove(parts),
    privateCliIpsecIkeSas(parts),
    privateCliIpsecEspSas(parts),
    esplanadePolicies(parts),
    esplanadeDatapaths(parts),
    esplanadeDecisions(parts),
    esplanadeRevocationLists(parts, grants),
    esplanadeRevocationModes(parts),
    esplanadeSimulatorUp(parts),
    esplanadeSimulatorRekey(parts),
    esplanadeSimulatorDown(parts),
    esplanadeSimulatorFaults(parts),
    esplanadeSimulatorPeers(parts),
    esplanadeSimulator(parts),
    esplanadeSimulatorReset(parts),
  ];
  return resources;
}
