/** One setting of `serve`: a flag, an environment variable and a key of the `--config` file, all of one name. */
export interface Option {
  /** Flag without the dashes, and key in the `--config` file. */
  readonly name: string;
  /** What stands for the value in help. */
  readonly value: string;
  readonly help: string;
  /** What holds where it is not given. */
  readonly fallback?: string;
  /** May be given more than once (comma-separated in the environment, an array in the file). */
  readonly repeatable?: boolean;
}

/** Every setting of `serve`, in the order `--help` shows them. */
export const serveOptions: readonly Option[] = [
  {
    name: 'listen',
    value: 'HOST:PORT',
    help: 'where the API answers; port 0 takes a free one',
    fallback: '127.0.0.1:8443',
  },
  { name: 'data-dir', value: 'DIR', help: 'everything the server keeps', fallback: './esplanade-data' },
  {
    name: 'datapath',
    value: 'auto|strongswan|simulated',
    help: 'what carries the policies; auto decides on an empty data directory only',
    fallback: 'auto',
  },
  {
    name: 'simulator-seed',
    value: 'FILE',
    help: 'JSON {"security_associations": […]} the simulator starts with',
  },
  { name: 'store', value: 'embedded', help: 'where the desired state is kept', fallback: 'embedded' },
  { name: 'ontap-version', value: 'RELEASE', help: 'the ONTAP release to emulate', fallback: '9.18.1' },
  {
    name: 'vici',
    value: 'IPSPACE=PATH',
    help: "charon's VICI socket of an IPspace; its guard's is IPSPACE.guard.sock beside it",
    fallback: '/run/esplanade/vici/IPSPACE.sock',
    repeatable: true,
  },
  {
    name: 'key-file',
    value: 'FILE',
    help: 'the keys that seal secrets at rest',
    fallback: 'the systemd credential secrets.key, else DATA_DIR/secrets.key',
  },
  {
    name: 'tls-cert',
    value: 'FILE',
    help: 'certificate chain, PEM',
    fallback: 'a self-signed DATA_DIR/tls.crt',
  },
  { name: 'tls-key', value: 'FILE', help: 'its private key, PEM' },
  {
    name: 'node-name',
    value: 'NAME',
    help: 'name of this node in the API, for an empty data directory',
    fallback: 'the host name',
  },
  {
    name: 'policies-per-svm',
    value: 'NUMBER',
    help: 'how many policies an SVM may have',
    fallback: '100000',
  },
  {
    name: 'policies-per-cluster',
    value: 'NUMBER',
    help: 'how many policies there may be in all',
    fallback: '100000',
  },
  {
    name: 'audit-keep-days',
    value: 'DAYS',
    help: 'how long entries of the audit log are kept',
    fallback: '366',
  },
  {
    name: 'audit-keep-mib',
    value: 'MIB',
    help: 'how much of the audit log is kept, in MiB of entries; the oldest go first',
    fallback: '1024',
  },
  {
    name: 'crl-fetch-allow',
    value: 'PREFIX[=PORT]',
    help: 'addresses that are not public and that certificate revocation lists may be fetched from; =PORT for another port than 80 and 443',
    fallback: 'none',
    repeatable: true,
  },
  { name: 'connections', value: 'NUMBER', help: 'how many connections there may be', fallback: '8000' },
  {
    name: 'connections-per-source',
    value: 'NUMBER',
    help: 'how many of them from one IPv4 address or one IPv6 /64',
    fallback: '4000',
  },
  {
    name: 'requests-per-account',
    value: 'NUMBER',
    help: 'how many requests of one account are worked on at once, of those that read and of those that write; others wait',
    fallback: '128',
  },
  {
    name: 'failed-logins-per-source',
    value: 'NUMBER',
    help: 'how many logins may fail from one source before it has to wait, one second for each; for one account always 10, and 10 seconds',
    fallback: '100',
  },
  {
    name: 'metrics-listen',
    value: 'HOST:PORT',
    help: 'also serve /metrics there, in clear and without a password',
  },
  {
    name: 'metrics-per-policy',
    value: 'off|on',
    help: 'whether /metrics has the totals of each policy too, four series for each',
    fallback: 'off',
  },
  {
    name: 'log-level',
    value: 'fatal|error|warn|info|debug|trace',
    help: 'how much is logged',
    fallback: 'info',
  },
  { name: 'log-format', value: 'text|json', help: 'how log lines on stderr look', fallback: 'text' },
];

/** The environment variable of an option: `data-dir` is `ESPLANADE_DATA_DIR`. */
export function environmentName(option: Option): string {
  return `ESPLANADE_${option.name.toUpperCase().replaceAll('-', '_')}`;
}
