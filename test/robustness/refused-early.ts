import type { RawRequest } from '../support/https-client.ts';
import type { Operator } from '../support/operator.ts';

const accounts = '/api/security/accounts';
const password = 'nobody guesses this one';

/** Who may not do what the campaign asks for: one who may only read, and the keeper of another SVM. */
export async function addBystanders(operator: Operator): Promise<void> {
  await operator.expect(201, 'POST', '/api/svm/svms', { name: 'elsewhere' });
  for (const account of [
    { name: 'reader', role: { name: 'readonly' } },
    { name: 'stranger', role: { name: 'vsadmin' }, owner: { name: 'elsewhere' } },
  ])
    await operator.expect(201, 'POST', accounts, { ...account, password });
}

/**
 * The same request so that it is refused before anybody looks at what is in it: by role, by owner, by version, and for a
 * parameter that there is not. None where it is not admin's, or changes nothing.
 */
export function refusedEarly(request: RawRequest): readonly RawRequest[] {
  const { method, path, headers = {} } = request;
  const isAdmins = headers['authorization'] === undefined;
  if (!['POST', 'PATCH', 'DELETE'].includes(method) || !isAdmins) return [];
  const as = (login: string): RawRequest => {
    const authorization = `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}`;
    return { ...request, headers: { ...headers, authorization } };
  };
  return [
    as('reader'),
    as('elsewhere\\stranger'),
    { ...request, headers: { ...headers, 'if-match': '"x"' } },
    { ...request, path: `${path}${path.includes('?') ? '&' : '?'}strange=1` },
  ];
}
