import { environmentName, serveOptions } from './option.ts';

/** `esplanade --help`. */
export const generalHelp = `Esplanade: an IPsec control plane for Linux that speaks NetApp ONTAP's REST API.

  esplanade serve                   run the server (serve --help)
  esplanade admin reset-password    give an account a new password, while the server is stopped
  esplanade datapath purge          take our policies and SAs out of charon, and only ours, while the server is stopped
  esplanade audit verify            look whether the audit log is as it was written; the server may run
  esplanade backup FILE             write all data to one file, without the keys; the server may run
  esplanade key status|rotate|retire
                                    the keys that seal secrets at rest; the server may run
  esplanade restore FILE            put the data of a backup into an empty data directory
  esplanade --version
  esplanade COMMAND --help

Begin with:
  esplanade serve --data-dir ./esplanade-data
  curl -k -u "admin:$(cat esplanade-data/admin-password)" https://127.0.0.1:8443/api/cluster
`;

/** `esplanade serve --help`. */
export const serveHelp = `esplanade serve [OPTIONS]

Runs the server. Prints one line, "esplanade ready https://HOST:PORT", on stdout when it answers; the log is on stderr.
SIGTERM ends it (policies and SAs stay up), SIGHUP reloads certificate, log level and sealing keys.

${optionsHelp(serveOptions.map(({ name }) => name))}
  --config FILE
      JSON with the same names, {"listen": "127.0.0.1:8443", "vici": ["Default=/run/x.sock"]}; ESPLANADE_CONFIG.
      A flag beats the environment, which beats the file.
  --check-config
      say what is wrong with the settings, and exit
  ESPLANADE_ADMIN_PASSWORD
      password of the first account, admin, on the first start only; without it one is made up and told

Examples:
  esplanade serve                                           the simulator, or strongSwan where it is found
  esplanade serve --datapath strongswan --vici Default=/run/charon.vici
  esplanade serve --listen 192.0.2.1:8443 --tls-cert host.crt --tls-key host.key
  esplanade serve --datapath simulated --simulator-seed sas.json --ontap-version 9.16.1 --listen 127.0.0.1:0
`;

/** The settings that offline commands share with `serve`. */
export const offlineOptions = ['data-dir', 'key-file'] as const;

/** `esplanade admin reset-password --help`. */
export const resetPasswordHelp = `esplanade admin reset-password [OPTIONS]

Gives the account admin a new password: ESPLANADE_ADMIN_PASSWORD, or one that is made up, shown and written to
DATA_DIR/admin-password. The server must be stopped; it is not asked for the old one, so guard the data directory.

${optionsHelp(offlineOptions)}
Example:
  esplanade admin reset-password --data-dir /var/lib/esplanade/data
`;

/** The settings of `datapath purge`. */
export const purgeOptions = [...offlineOptions, 'vici'] as const;

/** `esplanade datapath purge --help`. */
export const purgeHelp = `esplanade datapath purge [OPTIONS]

Takes everything that is ours out of the charon of each IPspace: connections, secrets, SAs, and the block beneath
protected selectors last. What others loaded stays. Protected traffic then flows in clear. The policies themselves are
kept: the next start of the server brings them back. The server must be stopped.

${optionsHelp(purgeOptions)}
Example:
  esplanade datapath purge --data-dir /var/lib/esplanade/data
`;

/** The lines of these options of `serve`. */
export function optionsHelp(names: readonly string[]): string {
  return serveOptions
    .filter(({ name }) => names.includes(name))
    .map((option) => `  --${option.name} ${option.value}\n      ${option.help}; ${environmentName(option)}\n`)
    .join('');
}
