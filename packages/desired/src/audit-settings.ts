/** How entries of the audit log are sent on. */
export const syslogProtocols = ['udp_unencrypted', 'tcp_unencrypted', 'tcp_encrypted'] as const;
/** Facilities that they may be sent with (RFC 5424 6.2.1). */
export const syslogFacilities = [
  'kern',
  'user',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
] as const;

/** A syslog receiver, and how it is spoken to. */
export interface AuditReceiver {
  /** An IP address, or a host name. */
  readonly address: string;
  readonly port: number;
  readonly protocol: (typeof syslogProtocols)[number];
  readonly facility: (typeof syslogFacilities)[number];
  /** Whether its certificate must be one that we believe; only with `tcp_encrypted`. */
  readonly verifyServer: boolean;
}

/** A receiver of the audit log. No two have one address and port. */
export interface AuditDestination extends AuditReceiver {
  /** It gets the entries above this one: the log's last when it was made. Kept with it, so that no crash loses where to begin. */
  readonly after: number;
}

/** What is audited beyond changes and refusals, and who gets a copy. */
export interface AuditSettings {
  readonly auditsReads: boolean;
  readonly destinations: readonly AuditDestination[];
}
