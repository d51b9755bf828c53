import type { Parameter } from './command.ts';

/** The commands that make what the API's own sentences ask for, and those of their parameters that are no member of the body. */
const makings: Readonly<Record<string, { readonly command: string; readonly needs: string }>> = {
  '/api/security/certificates': {
    command: 'security certificate install',
    needs: '-cert-name NAME -public-certificate FILE',
  },
  '/api/security/ipsec/ca-certificates': {
    command: 'security ipsec ca-certificate add',
    needs: '-ca-certs NAME',
  },
};

/** The commands that list what the API's own sentences send one to. */
const listings: Readonly<Record<string, string>> = {
  '/api/esplanade/v1/policies': 'security ipsec state show',
  '/api/esplanade/v1/certificate-revocation-lists': 'security certificate revocation-list show',
  '/api/esplanade/v1/simulator/faults': 'simulator fault show',
  '/api/network/ip/interfaces': 'network interface show',
  '/api/network/ipspaces': 'network ipspace show',
  '/api/security/certificates': 'security certificate show',
  '/api/security/ipsec/ca-certificates': 'security ipsec ca-certificate show',
  '/api/security/ipsec/policies': 'security ipsec policy show',
  '/api/security/roles': 'security login rest-role show',
  '/api/svm/svms': 'vserver show',
};

/**
 * The server's sentence in the words of whoever typed a command: `Send local_port.` is `Give -local-port.`, and
 * `GET /api/svm/svms lists them.` is `"vserver show" lists them.` Members that are no parameter stay as they are.
 */
export function inWordsOfCommands(sentence: string, parameters: readonly Parameter[]): string {
  const named = new Map(parameters.flatMap(({ name, target }) => (target ? [[target, name]] : [])));
  return sentence
    .split(/((?:by )?POST \/api\/[a-z\d/-]+ \{[^{}]*\}|(?:field )?"[^"]*")/)
    .map((piece, index) => {
      if (index % 2 === 0) return ofProse(piece, named);
      return piece.endsWith('}') ? ofRequest(piece) : ofField(piece, named);
    })
    .join('');
}

/** `by POST /api/security/certificates {"svm.name": "svm1", …}` is `by "security certificate install -vserver svm1 …"`. */
function ofRequest(request: string): string {
  const [, by = '', path = '', body = ''] = /^(by )?POST (\S+) (.*)$/.exec(request) ?? [];
  const making = makings[path];
  if (making === undefined) return request;
  const member = (name: string) => body.split(`"${name}": "`)[1]?.split('"')[0];
  const [vserver, type] = [member('svm.name'), member('type')];
  const given = [
    making.command,
    ...(vserver === undefined ? [] : [`-vserver ${vserver}`]),
    ...(type === undefined ? [] : [`-type ${type.replace('_', '-')}`]),
    making.needs,
  ];
  return `${by}"${given.join(' ')}"`;
}

/** What stands in quotes is somebody's own, and stays; only the name of a field becomes that of its parameter. */
function ofField(quoted: string, named: ReadonlyMap<string, string>): string {
  const name = /^field "([a-z_.]+)"$/.exec(quoted)?.[1];
  const parameter = name === undefined ? undefined : named.get(name);
  return parameter === undefined ? quoted : `-${parameter}`;
}

function ofProse(text: string, named: ReadonlyMap<string, string>): string {
  return text
    .replace(/\bat (\/api\/[a-z\d/-]+)/g, (where, path) => {
      const making = makings[path];
      return making === undefined ? where : `with "${making.command}"`;
    })
    .replace(/(?:GET )?(\/api\/[a-z\d/-]+)(?:\?[^\s,]*)?/g, (asked, path) => {
      const listing = listings[path];
      return listing === undefined ? asked : `"${listing}"`;
    })
    .replace(/\b(root|server|client)_ca\b/g, '$1-ca')
    .replace(
      /\bSend ([a-z]+)\b(?![_.]\w)/g,
      (_, word) => `Give ${named.has(word) ? `-${named.get(word)}` : word}`,
    )
    .replace(/\bSend\b/g, 'Give')
    .replace(/(?<![\w./*-])[a-z]+(?:[_.][a-z]+)+(?![\w/*])/g, (member) =>
      named.has(member) ? `-${named.get(member)}` : member,
    );
}
