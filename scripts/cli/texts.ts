/** What holds for every command, in paragraphs; `code` is marked as in Markdown. */
export interface Section {
  readonly title: string;
  readonly paragraphs: readonly string[];
  /** Terms, and what they mean. */
  readonly rows?: readonly (readonly [term: string, meaning: string])[];
  /** Lines to type, and what they do. */
  readonly lines?: readonly (readonly [line: string, explains: string])[];
}

/** How a line is written. */
export const writing: Section = {
  title: 'How a line is written',
  paragraphs: [
    'Commands are ONTAP’s words: a directory, or several, and a verb. Each word may be cut short as long as it is the beginning of one word only: `esplanade sec ips pol sh`. What may be several is listed, and what is unknown gets a proposal.',
    'A parameter is `-name value`, `--name value` or `--name=value`; its name may be cut short too. A value that begins with a dash and looks like a parameter is written with `=`. Bare words are the parameters that name a record, in their order: `policy show svm1 nfs`; one alone is the name: `policy show nfs`. After `--` every word is a bare one. Lists have commas between their values. Bytes and seconds may be given with units, by powers of 1,000 and days to seconds, as long as that is a whole number of them: `-ike-lifetime 8h`, `-ipsec-lifetime-bytes 1.5 GB` (in quotes for the blank) is 1,500,000,000.',
    '`?` and `--help` teach anywhere: of a directory (`security ipsec ?`), of the beginning of a word (`security ip?`), of a command, and of one parameter (`-action ?`). Some shells want the question mark in quotes.',
    'Global parameters may stand before the command too.',
  ],
};

/** How records are selected. */
export const selecting: Section = {
  title: 'Which records',
  paragraphs: [
    'Every field is a parameter of `show`, and takes ONTAP’s queries. Shells read most of these characters themselves: put them in quotes.',
    '`delete` takes queries of every field, `modify` of the names of records; its other parameters are the new values. Before its parameters either takes ONTAP’s extended query, which selects by any field: `policy modify {-action BYPASS} -is-enabled false`. When several match they name ten of them and ask first; where nobody can be asked they do nothing without `-force`. They stop at the first record that fails, or go on with `-continue-on-failure`, and tell how many were done in either case. Records without a UUID are changed fifty at a time; Ctrl-C ends it at once, and is answered with how many are done for sure, and how many were in the request under way and may have been.',
  ],
  rows: [
    ['nfs', 'is nfs'],
    ['nfs*', 'begins with nfs; `*` stands for any text, anywhere'],
    ['!nfs', 'is not nfs'],
    ['nfs|smb', 'is either'],
    ['1..5', 'lies between, both included'],
    ['>100, <=5', 'is greater, is at most'],
    ['null, !null', 'is not set, is set'],
    [
      '340 MB, 8 h, 2026-11-22 03:00:12',
      'is shown so: numbers and times may be written as tables show them, in powers of 1,000, days to seconds, and local time, alone and in all of these queries; `>340 MB` is shown as more. `18MB` is `18.0 MB`; units are B, kB, MB, GB, TB, PB and EB. What is more exact than what is shown is exact: `18.124 MB`, `3600`, `60 m`, `2026-11-22T08:00:00Z`',
    ],
    ['11/22/2026 03:00:12', 'is the same time as ONTAP writes it'],
    [
      '2026-11-22, 2026-11-22 03:00, 2026-11-22 03:00*',
      'is all of that day or minute; where clocks are put back, both of the same name',
    ],
    [
      '"a*"',
      'is what stands in double quotes (within those of the shell), whatever it means elsewhere; so does what stands in braces, for a name with double quotes: `{"q"}`. Tab writes such names so',
    ],
  ],
};

/** Results. */
export const formats: Section = {
  title: 'Formats',
  paragraphs: [
    'Tables are for people: they fit the terminal (in a pipe, `COLUMNS` if it is set), nothing is cut off, and numbers are as people say them: `1.2 GB` is 1,200,000,000 bytes, times are those of the local time zone. When all names of a record are given, it is shown as with `-instance`. Results go to standard output; questions, progress and failures to standard error.',
    'JSON, YAML and CSV have the API’s records with exact values and are for programs. With them sentences such as “was created” are left out, and `create` shows the record that was made. `-fields` chooses what there is in any format, `-order-by` and `-limit` how much of it where records come from a server.',
  ],
  rows: [
    ['-instance', 'everything of each record, one below the other'],
    ['-fields a,b', 'these, beside the names of the record; `all` is everything that a server has of it'],
    [
      '-json',
      'a JSON array of none, one or many; an object from what there is only one of (`security ipsec config show`, `status`), and of what was made',
    ],
    ['-yaml', 'the same as YAML'],
    [
      '-csv',
      'RFC 4180 but for its line ends, which are those of Unix; a line of names first, a list is one value with commas, or JSON where it is of objects; a value such as `=1+1` stays as it is, and spreadsheets take it for a formula unless told to import text',
    ],
    [
      '-watch [SECONDS]',
      'again and again; on a terminal in place; elsewhere tables and blocks each under its time, JSON as one line each, YAML as one document each, CSV with its line of names once. What follows is a number, a parameter or nothing: a name goes before it, `policy show nfs -watch`',
    ],
    ['-order-by FIELD[:desc]', 'sorted'],
    ['-limit NUMBER', 'no more than so many'],
    ['-no-color', 'no colour. Colour never says what words do not'],
  ],
};

/** Which server, as whom. */
export const profiles: Section = {
  title: 'Servers, accounts and profiles',
  paragraphs: [
    '`esplanade login` makes a profile: the server, how its certificate is known again, and the account. Profiles are files of mode 0600 in `$XDG_CONFIG_HOME/esplanade` (`~/.config/esplanade`); what others can read is refused. `-profile`, or `profile use`, chooses among several.',
    'What is given as a parameter goes before the environment, and that before the profile. What belongs to a server is sent to no other.',
    'Secrets are never taken from the command line, which everybody on the machine can read. A parameter such as `-shared-key` has no value and is asked for without echo; `-shared-key-file FILE` reads it from a file of one line, and `-` from standard input, which asks without echo too where that is a terminal. Files are text in UTF-8, with or without a byte order mark, and of up to 16 MiB: anything else is refused. A file that everybody can read is told of.',
  ],
};

/** The environment. */
export const environment: Section = {
  title: 'Environment',
  paragraphs: [],
  rows: [
    ['ESPLANADE_URL', 'the server'],
    ['ESPLANADE_USER', 'the account'],
    [
      'ESPLANADE_PASSWORD',
      'its password: for the server of `ESPLANADE_URL` alone if that is set, else for whichever a command goes to, by `-url` too',
    ],
    ['ESPLANADE_INSECURE', '`1`: believe any certificate. For tests'],
    ['SSL_CERT_FILE', 'file in PEM with the authorities to believe, instead of the system’s own file'],
    ['NODE_EXTRA_CA_CERTS', 'file in PEM with authorities to believe beside the others'],
    [
      'HTTPS_PROXY',
      'proxy to go through, `http://HOST:PORT`; an account of it may stand before the host, with % written as %25. It gets to know the name of the server and nothing else: the certificate is looked at as without it. Not for servers on this machine',
    ],
    [
      'NO_PROXY',
      'servers to reach without it, with commas between: `example.com` with what is below it, `10.0.0.0/8`, `*`. Both may be in lower case, which goes first',
    ],
    ['XDG_CONFIG_HOME', 'where profiles are; `~/.config` without it'],
    ['COLUMNS', 'how wide tables may be where results do not go to a terminal'],
    ['NO_COLOR', 'no colour when it is set'],
    ['TERM', '`dumb`: no colour'],
  ],
};

/** Lines to begin with. */
export const beginning: Section = {
  title: 'Begin with',
  paragraphs: [],
  lines: [
    ['esplanade login https://127.0.0.1:8443', 'which server, and as whom'],
    ['esplanade security ipsec config modify -is-enabled true', 'switch IPsec on'],
    ['esplanade security ipsec policy create --help', 'how to protect something'],
    ['esplanade status', 'what is not up, and why'],
    ["esplanade security ipsec policy show -name 'nfs*' -fields action", 'what there is'],
    ['esplanade security ipsec show-ipsecsa --watch', 'see it at work'],
  ],
};
