import { coverOf } from './set-cover.ts';

/** What a policy has before somebody changes it: REST has no field for it, ONTAP's command line has. */
export const defaultSuite = 'suiteb_gcm256';

/**
 * What a policy may be about, factor by factor. The campaign is every allowed pair of two factors' values, and of who
 * proves what to whom (authentication, identity, remote, remotes) every allowed combination.
 */
export const factors = {
  action: ['esp_transport', 'esp_udp', 'bypass', 'discard'],
  family: ['ipv4', 'ipv6'],
  suite: [defaultSuite, 'suiteb_gmac256', 'suite_aescbc'],
  local: ['host', 'subnet'],
  remote: ['host', 'subnet', 'anywhere'],
  /** How many hosts the policy is for, at the same time. */
  remotes: ['one', 'two'],
  traffic: [
    'anything',
    'any protocol, remote port',
    'any protocol, local port',
    'tcp, remote port',
    'tcp, local port',
    'udp, remote port',
    'icmp',
    'protocol 47',
  ],
  authentication: ['psk', 'psk and post-quantum key', 'certificate', 'certificate and revocation list'],
  identity: [
    'none given',
    'address',
    'fqdn',
    'e-mail',
    'distinguished name',
    'key id',
    'ANYTHING',
    'pattern of domain names',
    'pattern of distinguished names',
  ],
  /** Whose packet is the first. */
  first: ['ours', 'peer'],
} as const;

type Factor = keyof typeof factors;

/** One row of the matrix: a value of each factor. */
export type Scenario = { readonly [F in Factor]: (typeof factors)[F][number] };

/** What cannot be, and why. */
const rules: readonly { readonly because: string; readonly forbids: (row: Scenario) => boolean }[] = [
  {
    because: 'ESP in UDP is for IPv4 (66257131)',
    forbids: ({ action, family }) => action === 'esp_udp' && family === 'ipv6',
  },
  {
    because: 'a policy for any remote needs a port (66257129)',
    forbids: ({ remote, traffic }) => remote === 'anywhere' && !traffic.endsWith('port'),
  },
  {
    because: 'bypass and discard negotiate nothing, so they have neither suite nor identities nor keys',
    forbids: (row) =>
      !isProtecting(row) &&
      (row.suite !== defaultSuite || row.identity !== 'none given' || row.authentication !== 'psk'),
  },
  {
    because: 'a host is one host',
    forbids: ({ remote, remotes }) => remote === 'host' && remotes === 'two',
  },
  {
    because: 'the tunnels that send protocol 47 end at one host',
    forbids: ({ traffic, remotes }) => remotes === 'two' && traffic === 'protocol 47',
  },
  {
    because: 'one identity is of one host',
    forbids: ({ identity, remotes }) =>
      remotes === 'two' && !['none given', 'ANYTHING', ...patterns].includes(identity),
  },
  {
    because: 'a pattern says whom to believe, and a key proves no name',
    forbids: (row) => !isByCertificate(row) && patterns.includes(row.identity),
  },
  {
    because: 'with certificates the remote is named (66257117), and ours name no key id',
    forbids: (row) => isByCertificate(row) && ['none given', 'key id'].includes(row.identity),
  },
];

const patterns: readonly string[] = ['pattern of domain names', 'pattern of distinguished names'];

/** Whether the two prove themselves by certificates. */
export function isByCertificate({ authentication }: Pick<Scenario, 'authentication'>): boolean {
  return authentication.startsWith('certificate');
}

/** Whether the policy demands ESP. */
export function isProtecting({ action }: Scenario): boolean {
  return action === 'esp_transport' || action === 'esp_udp';
}

/** Every combination that no rule forbids. */
export function allowedScenarios(): readonly Scenario[] {
  const rows: Scenario[] = [];
  for (const action of factors.action)
    for (const family of factors.family)
      for (const suite of factors.suite)
        for (const local of factors.local)
          for (const remote of factors.remote)
            for (const remotes of factors.remotes)
              for (const traffic of factors.traffic)
                for (const authentication of factors.authentication)
                  for (const identity of factors.identity)
                    for (const first of factors.first) {
                      const where = { action, family, suite, local, remote, remotes, traffic };
                      rows.push({ ...where, authentication, identity, first });
                    }
  return rows.filter((row) => !rules.some(({ forbids }) => forbids(row)));
}

/** So few scenarios that everything occurs which a scenario may show. */
export function campaignScenarios(): readonly Scenario[] {
  return coverOf(allowedScenarios(), shownBy);
}

/** So few of the campaign's scenarios that every value occurs. */
export function tellingScenarios(): readonly Scenario[] {
  return coverOf(campaignScenarios(), valuesOf);
}

/** What a scenario shows: each pair of its values, and who proves what to whom. */
export function shownBy(row: Scenario): readonly string[] {
  const { authentication, identity, remote, remotes } = row;
  return [...pairsOf(row), `${authentication} ${identity} ${remote} ${remotes}`];
}

/** The row as `factor=value`. */
export function valuesOf(row: Scenario): readonly string[] {
  return Object.entries(row).map(([factor, value]) => `${factor}=${value}`);
}

/** Every two of them. */
export function pairsOf(row: Scenario): readonly string[] {
  const values = valuesOf(row);
  return values.flatMap((one, index) => values.slice(index + 1).map((other) => `${one} ${other}`));
}
