import { type ApiRequest, type ApiResponse, ForbiddenError } from '@esplanade/sdk';

/** A refusal for want of rights, with what ONTAP's sentence does not say: who may not do what. */
export class AccessRefusedError extends ForbiddenError {
  readonly account: string;
  readonly method: ApiRequest['method'];
  /** As the privileges of a role name it: `/api/security/ipsec/policies`, without keys of records. */
  readonly resource: string;

  constructor(
    detail: ConstructorParameters<typeof ForbiddenError>[1],
    recordsDone: number,
    account: string,
    { method, url }: ApiRequest,
  ) {
    super(403, detail);
    this.recordsDone = recordsDone;
    this.account = account;
    this.method = method;
    const [path = url.pathname] = /\/api\/.*$/.exec(url.pathname) ?? [];
    this.resource = path.replace(/\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:\/.*)?$/i, '');
  }

  /** For whoever has it mended, in the words of commands. */
  get advice(): string {
    const { account, method, resource } = this;
    return (
      `${account} may not ${method} ${resource}: the role needs access ${levels[method]} to it, and some of it is for accounts of the cluster alone. ` +
      `"security login show -user-or-group-name ${account}" tells the role, "security login rest-role show -role ROLE" what that allows.`
    );
  }
}

/** The least that a role must allow. */
const levels: Readonly<Record<ApiRequest['method'], string>> = {
  GET: 'readonly',
  POST: 'read_create',
  PATCH: 'read_modify',
  DELETE: 'all',
};

/** What an answer with 403 comes to; undefined where it is none of ONTAP's, but of something before it. */
export function accessRefused(
  { text }: ApiResponse,
  request: ApiRequest,
  account: string,
): AccessRefusedError | undefined {
  const { error, num_records: recordsDone } = members(parsed(text));
  const { code, message, target } = members(error);
  if ((typeof code !== 'string' && typeof code !== 'number') || typeof message !== 'string') return undefined;
  return new AccessRefusedError(
    { code: String(code), message, ...(typeof target === 'string' && { target }) },
    typeof recordsDone === 'number' ? recordsDone : 0,
    account,
    request,
  );
}

function members(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
