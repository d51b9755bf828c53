import { formatAddress, parseAddress } from '@esplanade/domain';
import { CertificateCandidates } from './certificate-candidates.ts';
import { type FailureReason, failureReason } from './failure-reasons.ts';

/** A line of charon's `log` event: which IKE SA it is about, where charon says so, and its words. */
export interface LogLine {
  readonly ikeSaId: string | undefined;
  readonly connectionName: string | undefined;
  readonly text: string;
}

/** Whom a failed negotiation concerns, as closely as charon's log tells. */
export type FailureTarget =
  | { readonly kind: 'child'; readonly childName: string }
  | { readonly kind: 'connection'; readonly connectionName: string }
  /** As responder, before charon has settled on a connection. */
  | { readonly kind: 'addresses'; readonly local: string; readonly remote: string };

/** A failed negotiation. */
export interface NegotiationFailure extends FailureReason {
  readonly target: FailureTarget;
  /** The address of the remote, in our one form, where a line has told it. */
  readonly remote?: string;
}

interface Negotiation {
  readonly certificates: CertificateCandidates;
  /** Whether a line has said why it failed. */
  isExplained?: true;
  childName?: string;
  remote?: string;
  addresses?: { readonly local: string; readonly remote: string };
}

/** Charon never says when an IKE SA was forgotten, so the oldest are, beyond this many. */
const rememberedNegotiations = 512;

const unnamed = '(unnamed)';
const establishing = /^establishing CHILD_SA (\S+)\{\d+\}/;
const initiating = /^initiating IKE_SA \S+\[\d+\] to (\S+)$/;
const matching = /^looking for peer configs matching (\S+?)\[.*\]\.\.\.(\S+?)\[/;
/** Charon counts its IKE SAs anew when it is started anew. */
const beginning = /^(?:initiating IKE_SA |parsed (?:IKE_SA_INIT|IKE_AUTH|CREATE_CHILD_SA) request )/;
const parsedFrom = /^received packet: from (\S+?)\[\d+\] to (\S+?)\[\d+\]/;

/**
 * Reads charon's log for failed negotiations. A failure's own line does not say what was being negotiated, the lines
 * before it do; so this remembers them by IKE SA.
 */
export class NegotiationLog {
  readonly #negotiations = new Map<string, Negotiation>();

  /** What this line, after those before it, says has failed. */
  read(line: LogLine): NegotiationFailure | undefined {
    const negotiation = line.ikeSaId === undefined ? undefined : this.#negotiation(line.ikeSaId);
    const [, childName] = establishing.exec(line.text) ?? [];
    const [, local, remote] = matching.exec(line.text) ?? [];
    const [, from, to] = parsedFrom.exec(line.text) ?? [];
    const [, initiatedTo] = initiating.exec(line.text) ?? [];
    if (negotiation !== undefined) {
      // What is asked for now is not the child that was asked for before.
      if (beginning.test(line.text)) {
        delete negotiation.childName;
        delete negotiation.isExplained;
      }
      negotiation.certificates.read(line.text);
      const address = parseAddress(initiatedTo ?? from ?? remote ?? '');
      if (address !== undefined) negotiation.remote = formatAddress(address);
      if (childName !== undefined) negotiation.childName = childName;
      if (local !== undefined && remote !== undefined) negotiation.addresses = { local, remote };
      if (from !== undefined && to !== undefined) negotiation.addresses = { local: to, remote: from };
    }
    const failure = failureReason(line.text);
    if (failure === undefined || (failure.isVague && negotiation?.isExplained)) return undefined;
    if (failure.isOfCandidate && negotiation?.certificates.isRemembered) return undefined;
    if (negotiation !== undefined) negotiation.isExplained = true;
    const target = targetOf(failure, line, negotiation);
    if (target === undefined) return undefined;
    return { target, ...failure, ...(negotiation?.remote !== undefined && { remote: negotiation.remote }) };
  }

  #negotiation(ikeSaId: string): Negotiation {
    const known = this.#negotiations.get(ikeSaId);
    if (known !== undefined) return known;
    const negotiation: Negotiation = { certificates: new CertificateCandidates() };
    this.#negotiations.set(ikeSaId, negotiation);
    if (this.#negotiations.size > rememberedNegotiations) {
      const [oldest] = this.#negotiations.keys();
      if (oldest !== undefined) this.#negotiations.delete(oldest);
    }
    return negotiation;
  }
}

function targetOf(
  failure: FailureReason,
  { connectionName }: LogLine,
  negotiation: Negotiation | undefined,
): FailureTarget | undefined {
  const childName = negotiation?.childName;
  if (failure.concerns === 'child' && childName !== undefined) return { kind: 'child', childName };
  if (connectionName !== undefined && connectionName !== unnamed)
    return { kind: 'connection', connectionName };
  return negotiation?.addresses === undefined ? undefined : { kind: 'addresses', ...negotiation.addresses };
}
