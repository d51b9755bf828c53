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
    .replace(/GET (\/api\/[^\s,?]+)(?:\?[^\s,]*)?(?:, "[^"]*",)?/g, (text, path) => {
      const listing = listings[path];
      return listing === undefined ? text : `"${listing}"`;
    })
    .replace(
      /\bSend ([a-z]+)\b(?![_.]\w)/g,
      (_, word) => `Give ${named.has(word) ? `-${named.get(word)}` : word}`,
    )
    .replace(/\bSend\b/g, 'Give')
    .replace(/field "([a-z_.]+)"/g, (text, field) => (named.has(field) ? `-${named.get(field)}` : text))
    .replace(/(?<!["\w./*-])[a-z]+(?:[_.][a-z]+)+(?!["\w/*])/g, (member) =>
      named.has(member) ? `-${named.get(member)}` : member,
    );
}
