import { issueCertificate, requestCertificate } from '@esplanade/domain/testing/certificates';
import { issueRevocationList } from '@esplanade/domain/testing/revocation-lists';
import { exitStatus } from '../exit-status.ts';

/** A line as it is typed, and what is read then. `FILES` stands for the directory of {@link storyFiles}. */
export interface Step {
  readonly line: string;
  readonly shows: RegExp;
  /** Of standard error, where the line is not to succeed. */
  readonly fails?: { readonly status: number; readonly saying: RegExp };
  readonly input?: string;
  /** Account that types it, with the password of {@link storyFiles}; `admin` if not given. */
  readonly as?: string;
  readonly answers?: readonly string[];
  /** Of standard error, where somebody is asked. */
  readonly asks?: RegExp;
}

/** Stands behind the certificate `own` in its file. */
export const ca = issueCertificate({ subject: '/CN=coast-ca', isCa: true });
const own = issueCertificate({ subject: '/CN=coast', issuer: ca });
/** What the lines read. */
export const storyFiles = {
  'ca.crt': ca.certificate,
  'own.crt': `of the coast\n${own.certificate}${ca.certificate}`,
  'own.key': own.key,
  'other.csr': requestCertificate({ subject: '/CN=other end' }).request,
  'one.crl': issueRevocationList({ issuer: ca, number: 1, revoked: ['0A'] }),
  'two.crl': issueRevocationList({ issuer: ca, number: 2, revoked: ['0A', '0B'] }),
  password: 'of nobody at all 2\n',
  key: 'a key of at least 18 characters\n',
  none: '',
};

const policy =
  'security ipsec policy create -vserver svm1 -local-ip-subnets 192.0.2.1/32 -remote-ip-subnets 192.0.2.2/32';

/** Every command that has a server of the API: in this order, what one line makes the next ones show. */
export const story: readonly Step[] = [
  { line: 'version', shows: /^Esplanade .* NetApp Release/ },
  { line: 'cluster show', shows: /Node +Health +Eligibility +Uptime\n.*\n\S+ +true +true/ },
  { line: 'cluster identity show', shows: /Cluster UUID: [0-9a-f-]{36}\nCluster Name: \S/ },
  { line: 'datapath show', shows: /Default +simulated +true +simulated/ },

  { line: 'network ipspace create -ipspace tenant1', shows: /The IPspace "tenant1" was created/ },
  { line: 'network ipspace show', shows: /^Default .*\ntenant1 .*\n2 entries were displayed/m },
  {
    line: 'vserver create -vserver svm2 -ipspace tenant1 -comment "second floor"',
    shows: /"svm2" was created/,
  },
  {
    line: 'vserver show',
    shows:
      /^esplanade +admin +- +- +- +- +-\n.*\nsvm2 +data +default +running +running +tenant1 second floor$/m,
  },
  { line: 'vserver show -type admin -fields type', shows: /^esplanade +admin$/m },
  { line: 'vserver modify -vserver svm2 -comment "first floor"', shows: /"svm2" was modified/ },
  { line: 'vserver rename -vserver svm2 -newname floor1', shows: /"svm2" is "floor1" now/ },
  { line: 'vserver show -ipspace tenant1 -instance', shows: /Vserver: floor1\n.*Comment: first floor\n/s },
  {
    line: 'network ipspace delete -ipspace tenant1',
    shows: /^$/,
    fails: { status: exitStatus.conflict, saying: /still has SVM "floor1".* \(ONTAP error 8\)/ },
  },
  { line: 'vserver delete -vserver floor1', shows: /"floor1" was deleted/ },
  { line: 'network ipspace delete -ipspace tenant1', shows: /"tenant1" was deleted/ },
  {
    line: 'vserver rename -vserver floor1 -newname svm2',
    shows: /^$/,
    fails: { status: exitStatus.notFound, saying: /There is no Vserver "floor1"/ },
  },

  {
    line: 'network interface create -vserver svm1 -lif lif1 -address 192.0.2.1 -netmask-length 24',
    shows: /"lif1" was created/,
  },
  {
    line: 'network interface create -lif lif2 -ipspace Default -address 2001:db8::2 -status-admin down',
    shows: /"lif2" was created/,
  },
  {
    line: 'network interface show',
    shows: /^svm1 +lif1 +up +192\.0\.2\.1 +24 Default\nesplanade +lif2 +down +2001/m,
  },
  {
    line: 'network interface show -status-admin down --csv',
    shows: /^vserver,.*\nesplanade,lif2,false,2001:db8::2,.*\n$/,
  },
  { line: 'network interface modify -lif lif2 -status-admin up', shows: /"lif2" was modified/ },
  { line: 'network interface rename -lif lif2 -newname lif3', shows: /"lif2" is "lif3" now/ },
  { line: 'network interface delete -lif lif3', shows: /"lif3" was deleted/ },

  {
    line: 'security certificate create -vserver svm1 -common-name coast.example.org -type root-ca -cert-name coast',
    shows: /name for reference: coast$/m,
  },
  {
    line: 'security certificate install server-ca -vserver svm1 -cert-name coast-ca -public-certificate FILES/ca.crt',
    shows: /name for reference: coast-ca$/m,
  },
  {
    line: 'security certificate install -type server -vserver svm1 -cert-name own -public-certificate - -private-key FILES/own.key',
    input: storyFiles['own.crt'],
    shows: /name for reference: own$/m,
  },
  {
    line: 'security certificate install -type server -public-certificate FILES/none -private-key FILES/own.key',
    shows: /^$/,
    fails: { status: exitStatus.misused, saying: /no certificate in PEM/ },
  },
  {
    line: 'security certificate show -type server-ca|root-ca -fields type',
    shows: /coast +root-ca\nsvm1 +coast-ca +server-ca\n/,
  },
  {
    line: 'security certificate show svm1 own',
    shows: /Certificate Authority: coast-ca\n.*Public Key Certificate: -----BEGIN CERT/s,
  },
  { line: 'security certificate show -cert-name own --json', shows: /^\[\n.*"name": "own",.*\n\]\n$/s },
  {
    line: 'security certificate sign -cert-name coast -signing-request FILES/other.csr -expire-days 9',
    shows: /^-----BEGIN CERTIFICATE-----\n.+\n-----END CERTIFICATE-----\n$/s,
  },
  {
    line: 'security certificate create -common-name twin -type root-ca -cert-name coast --json',
    shows: /^\{\n.*"name": "coast",.*\}\n$/s,
  },
  {
    line: 'security certificate sign -cert-name coast -signing-request FILES/other.csr',
    shows: /^$/,
    fails: { status: exitStatus.misused, saying: /2 are called "coast": give -vserver too/ },
  },
  { line: 'security certificate delete -vserver null -cert-name coast', shows: /"coast" was deleted/ },
  {
    line: 'security certificate sign -cert-name coast -signing-request FILES/other.csr -expire-days 5000',
    shows: /^$/,
    fails: { status: exitStatus.misused, saying: /-expire-days is 1 to 3652/ },
  },
  {
    line: 'security certificate sign -cert-name own -signing-request FILES/other.csr',
    shows: /^$/,
    fails: { status: exitStatus.invalid, saying: /cannot sign: it is of type server/ },
  },
  {
    line: 'security certificate revocation-list create -cert-name coast-ca -crl FILES/one.crl',
    shows: /was created/,
  },
  { line: 'security certificate revocation-list show', shows: /^svm1 +coast-ca +current +1 /m },
  {
    line: 'security certificate revocation-list modify -cert-name coast-ca -crl FILES/two.crl',
    shows: /"coast-ca" was modified/,
  },
  {
    line: 'security certificate revocation-list modify -cert-name coast-ca -crl-url http://192.0.2.7/coast.crl',
    shows: /^$/,
    fails: { status: exitStatus.invalid, saying: /-crl-url: / },
  },
  {
    line: 'security certificate revocation-list show svm1 coast-ca',
    shows: /Revoked Certificates: 2\n/,
  },
  {
    line: 'security certificate revocation-list delete -cert-name coast-ca',
    shows: /"coast-ca" was deleted/,
  },
  {
    line: 'security certificate revocation-mode modify -scope cluster -mode strict',
    shows: /"cluster" was modified/,
  },
  {
    line: 'security certificate revocation-mode show',
    shows: /^svm1 +svm +relaxed\nesplanade +cluster +strict$/m,
  },

  {
    line: 'security login create -user-or-group-name keeper -role readonly',
    answers: ['of nobody at all 1', 'of nobody at all 1'],
    shows: /"keeper" was created/,
    asks: /^Password, 8 to 128 characters: Again: $/,
  },
  {
    line: 'security login create -user-or-group-name guest',
    shows: /^$/,
    fails: { status: exitStatus.misused, saying: /give -password-file FILE/ },
  },
  { line: 'security login create svm1 beacon -authentication-method cert', shows: /"beacon" was created/ },
  {
    line: 'security login show',
    shows: /keeper +http +password +readonly +no\nsvm1 +beacon +http +cert +vsadmin +no$/m,
  },
  { line: 'security login create svm1 pilot -password-file FILES/password', shows: /"pilot" was created/ },
  {
    line: 'security login show -fields role',
    as: 'pilot',
    shows: /^svm1 +beacon +vsadmin\nsvm1 +pilot +vsadmin\n2 /m,
  },
  {
    line: 'vserver create -vserver svm2',
    as: 'pilot',
    shows: /^$/,
    fails: { status: exitStatus.notAllowed, saying: /not authorized/ },
  },
  {
    line: 'security login password -username pilot -password-file FILES/key',
    as: 'pilot',
    shows: /new password/,
  },
  {
    line: 'vserver show',
    as: 'pilot',
    shows: /^$/,
    fails: { status: exitStatus.notAllowed, saying: /password/ },
  },
  {
    line: 'security login modify -username keeper -role none -comment "of the coast"',
    shows: /"keeper" was modified/,
  },
  {
    line: 'security login password -username keeper -password-file FILES/password',
    shows: /"keeper" has a new password/,
  },
  { line: 'security login lock -username keeper', shows: /"keeper" is locked/ },
  {
    line: 'security login show -is-account-locked yes -fields role,comment',
    shows: /keeper +none +of the coast\n/,
  },
  { line: 'security login unlock -username keeper', shows: /"keeper" is unlocked/ },
  { line: 'security login delete -username keeper|beacon|pilot -force', shows: /3 accounts were deleted/ },
  {
    line: 'security login rest-role create -role certifier -api /api/security/certificates -access read_create',
    shows: /"certifier" was created/,
  },
  {
    line: 'security login rest-role create -role certifier -api /api/security/ipsec -access readonly',
    shows: /one privilege more/,
  },
  {
    line: 'security login rest-role modify -role certifier -api /api/security/ipsec -access all',
    shows: /was modified/,
  },
  {
    line: 'security login rest-role show -builtin false',
    shows: /certificates read_create, .*\s*.*ipsec all$/m,
  },
  {
    line: 'security login rest-role delete -role certifier -api /api/security/ipsec',
    shows: /one privilege less/,
  },
  { line: 'security login rest-role delete -role certifier', shows: /"certifier" was deleted/ },
  {
    line: 'security login rest-role delete -role admin',
    shows: /^$/,
    fails: { status: exitStatus.invalid, saying: /Cannot modify pre-defined roles/ },
  },

  { line: 'security ipsec config modify -is-enabled true', shows: /modified/ },
  { line: 'security ipsec config show', shows: /IPsec Enabled: true/ },
  {
    line: `${policy} -name nfs -remote-ports 2049 -protocols tcp -shared-key-file FILES/key`,
    shows: /"nfs" was created/,
  },
  { line: `${policy} -name wide -action BYPASS`, shows: /"wide" was created/ },
  { line: `${policy} -name twin -action DISCARD`, shows: /"twin" was created/ },
  {
    line: `${policy.replace('svm1', 'nosuch')} -name far -action BYPASS`,
    shows: /^$/,
    fails: { status: exitStatus.invalid, saying: /no SVM with the name "nosuch"/ },
  },
  ...[
    'network interface create -lif far -address 192.0.2.8 -netmask-length 24',
    'security certificate create -common-name far -type server',
    'security login create far -password-file FILES/password',
  ].map((line) => ({
    line: `${line} -vserver nosuch`,
    shows: /^$/,
    fails: { status: exitStatus.notFound, saying: /nosuch/ },
  })),
  { line: 'security ipsec policy show', shows: /^svm1 +nfs /m },
  { line: 'security ipsec state show -state !applied', shows: /twin +shadowed +Policy "wide" is older/ },
  { line: 'security ipsec show-ikesa', shows: /ESTABLISHED/i },
  { line: 'security ipsec show-ipsecsa', shows: /INSTALLED/i },
  { line: 'status', shows: /IPsec/ },
  {
    line: 'security ipsec decision show 192.0.2.1 192.0.2.2 tcp -local-port 40000 -remote-port 2049',
    shows: /^decides +policy nfs +protect +It is the first that matches/m,
  },
  {
    line: 'security ipsec decision show 192.0.2.1 192.0.2.2 tcp',
    shows: /^$/,
    fails: { status: exitStatus.invalid, saying: /-local-port: Packets of protocol 6 have ports/ },
  },
  { line: 'security ipsec policy modify -policy-name wide -is-enabled false', shows: /"wide" was modified/ },
  { line: 'security ipsec policy delete -policy-name wide|twin -force', shows: /2 policies were deleted/ },
  { line: 'security ipsec ca-certificate add -vserver svm1 -ca-certs coast-ca', shows: /coast-ca/ },
  { line: 'security ipsec ca-certificate show', shows: /^svm1 +coast-ca/m },
  { line: 'security ipsec ca-certificate remove -vserver svm1 -ca-certs coast-ca', shows: /coast-ca/ },

  { line: 'security audit modify -httpget on', shows: /modified/ },
  { line: 'security audit show', shows: /HTTP: on\n/ },
  {
    line: 'security audit modify -cliget on',
    shows: /^$/,
    fails: { status: exitStatus.invalid, saying: /-cliget: .*\(ONTAP error 262197\)/ },
  },
  {
    line: 'security audit log show -state error -username admin -limit 1 -instance',
    shows: /State: error\n/,
  },
  {
    line: 'cluster log-forwarding create -destination 192.0.2.9 -protocol tcp-encrypted -force',
    shows: /"192\.0\.2\.9" was created/,
  },
  {
    line: 'cluster log-forwarding create -destination 127.0.0.1 -port 1 -protocol tcp-unencrypted',
    shows: /^$/,
    fails: { status: exitStatus.invalid, saying: /-destination: .*cannot be reached/ },
  },
  {
    line: 'cluster log-forwarding modify -destination 192.0.2.9 -port 6514 -facility local6',
    shows: /was modified/,
  },
  { line: 'cluster log-forwarding show', shows: /^192\.0\.2\.9 +6514 tcp-encrypted true +local6$/m },
  {
    line: 'security certificate delete -vserver svm1 -cert-name coast|coast-ca -force',
    shows: /2 certificates were deleted/,
  },
  { line: 'cluster log-forwarding delete -destination 192.0.2.9', shows: /"192\.0\.2\.9" was deleted/ },

  { line: 'simulator fault create unreachable -remote-address 192.0.2.9', shows: /was created/ },
  { line: 'simulator fault show', shows: /^unreachable +Default 192\.0\.2\.9 -$/m },
  { line: 'simulator fault delete unreachable', shows: /was deleted/ },
  { line: 'simulator modify -clock-running false', shows: /The simulator was modified/ },
  { line: 'simulator show', shows: /Clock Running: false\n/ },
  { line: 'simulator reset', shows: /The simulator was reset/ },
  { line: 'simulator peer show', shows: /./ },
];
