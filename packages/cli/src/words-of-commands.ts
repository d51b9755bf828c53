import type { Parameter } from './command.ts';

/** The commands that list what the API's own sentences send one to. */
const listings: Readonly<Record<string, string>> = {
  '/api/esplanade/v1/policies': 'security ipsec state show',
  '/api/esplanade/v1/simulator/faults': 'simulator fault show',
  '/api/network/ipspaces': 'network ipspace show',
  '/api/security/certificates': 'security certificate show',
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
    .split(/((?:field )?"[^"]*")/)
    .map((piece, index) => (index % 2 === 1 ? ofField(piece, named) : ofProse(piece, named)))
    .join('');
}

/** What stands in quotes is somebody's own, and stays; only the name of a field becomes that of its parameter. */
function ofField(quoted: string, named: ReadonlyMap<string, string>): string {
  const name = /^field "([a-z_.]+)"$/.exec(quoted)?.[1];
  const parameter = name === undefined ? undefined : named.get(name);
  return parameter === undefined ? quoted : `-${parameter}`;
}

function ofProse(text: string, named: ReadonlyMap<string, string>): string {
  return text
    .replace(/GET (\/api\/[^\s,?]+)(?:\?[^\s,]*)?/g, (asked, path) => {
      const listing = listings[path];
      return listing === undefined ? asked : `"${listing}"`;
    })
    .replace(
      /\bSend ([a-z]+)\b(?![_.]\w)/g,
      (_, word) => `Give ${named.has(word) ? `-${named.get(word)}` : word}`,
    )
    .replace(/\bSend\b/g, 'Give')
    .replace(/(?<![\w./*-])[a-z]+(?:[_.][a-z]+)+(?![\w/*])/g, (member) =>
      named.has(member) ? `-${named.get(member)}` : member,
    );
}
