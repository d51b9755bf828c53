import {
  type Content,
  exampleUuid,
  type OpenApiDocument,
  type Operation,
  type Parameter,
  type PathMethod,
  pathMethods,
  type Response,
} from '@esplanade/ontap';
import { expect } from 'vitest';
import type { Answer, TestServer } from './test-server.ts';

/** One operation of the document. */
export interface Described {
  readonly path: string;
  readonly method: PathMethod;
  readonly operation: Operation;
}

/** A server by what its own OpenAPI document says of it. */
export class DescribedApi {
  readonly #server: TestServer;
  readonly document: OpenApiDocument;

  constructor(server: TestServer, document: OpenApiDocument) {
    this.#server = server;
    this.document = document;
  }

  /** Every verb of every path. */
  operations(): readonly Described[] {
    return Object.entries(this.document.paths).flatMap(([path, item]) =>
      pathMethods.flatMap((method) => {
        const operation = item[method];
        return operation === undefined ? [] : [{ path, method, operation }];
      }),
    );
  }

  parametersOf(operation: Operation): readonly Parameter[] {
    return operation.parameters.map((each) => {
      const { parameters } = this.document.components;
      const found = '$ref' in each ? parameters[each.$ref.split('/').at(-1) ?? ''] : each;
      if (found === undefined) throw new Error('a parameter refers to nothing');
      return found;
    });
  }

  /** What the query must at least hold, by the parameters' examples. */
  requiredQuery(operation: Operation): URLSearchParams {
    const query = new URLSearchParams();
    for (const { name, in: place, required, example } of this.parametersOf(operation))
      if (place === 'query' && required === true) query.set(name, String(example));
    return query;
  }

  /**
   * Sends the operation as its examples show it, without the member `left` of its body. Where it is about a record, that
   * is one made of the example of POST, or else the first there is; what was made is deleted again.
   */
  async sendExample({ path, method, operation }: Described, left?: string): Promise<Answer> {
    if (ofTrust.includes(path) && method === 'post') return this.#sendOfTrust(path, operation, left);
    const [, above, within] = /^(.*?)(?:\/\{[^}]+\})+(\/[^{]+?)(?:\/\{[^}]+\})?$/.exec(path) ?? [];
    if (above !== undefined && within !== undefined && `${above}${within}` !== path) {
      const collection = Object.keys(this.document.paths).find((each) => each.endsWith(`}${within}`));
      const post = collection === undefined ? undefined : this.document.paths[collection]?.post;
      if (post !== undefined && this.document.paths[collection ?? '']?.get !== undefined)
        return this.#sendWithin({ above, within, post }, { path, method, operation }, left);
    }
    const verb = method.toUpperCase();
    const [collection = path, action = ''] = path.split(/\/\{[^}]+\}/);
    const isOfOne = path.includes('{');
    const { delete: deletion, post } = this.document.paths[path] ?? {};
    const isOfMany = deletion !== undefined || post !== undefined || this.#keysOf(path).length > 0;
    if (!isOfOne && !(isOfMany && (method === 'patch' || method === 'delete'))) {
      const query = this.requiredQuery(operation);
      const needed = method === 'post' ? await this.#makeNeeded(path) : undefined;
      const body = this.#body(operation, needed, left);
      const answer = await this.#server.request(verb, `/api${path}?${query}`, body);
      if (answer.status === 201) await this.#remove(path, answer, body);
      if (needed !== undefined) await this.#server.request('DELETE', needed);
      return answer;
    }
    return this.#withRecord(collection, (query, place) => {
      const body = this.#body(operation, place, left);
      if (isOfOne) return this.#server.request(verb, `${place}${action}`, body);
      // A body that names records goes without a query, a change of what the query selects has to have one.
      const isNamed = method === 'delete' && body !== undefined;
      return this.#server.request(verb, `/api${path}${isNamed ? '' : `?${query}`}`, body);
    });
  }

  /** Within a collection that belongs to a record of another one: that record is made first, and then one within. */
  async #sendWithin(
    { above, within, post }: { readonly above: string; readonly within: string; readonly post: Operation },
    { path, method, operation }: Described,
    left?: string,
  ): Promise<Answer> {
    return this.#withRecord(above, async (_, place) => {
      const collection = `${place}${within}`;
      const body = this.#body(operation, undefined, left);
      if (method === 'post') return this.#server.request('POST', collection, body);
      const made = await this.#server.request('POST', collection, this.#body(post));
      expect(made).toMatchObject({ status: 201 });
      const location = String(made.headers['location']);
      const isOfOne = path.endsWith('}');
      const key = decodeURIComponent(location.slice(collection.length + 1));
      const query = method === 'patch' ? `?${new URLSearchParams({ path: key })}` : '';
      return this.#server.request(method.toUpperCase(), isOfOne ? location : `${collection}${query}`, body);
    });
  }

  /** To trust a CA certificate that is there, or one no longer that was. It is neither trusted nor there afterwards. */
  async #sendOfTrust(path: string, operation: Operation, left?: string): Promise<Answer> {
    const [add = '', remove = ''] = ofTrust.map((one) => `/api${one}`);
    const needed = await this.#makeNeeded(ofCaCertificates[0]);
    const whole = this.#body(operation);
    if (`/api${path}` === remove) await this.#server.request('POST', add, whole);
    const answer = await this.#server.request('POST', `/api${path}`, this.#body(operation, needed, left));
    await this.#server.request('POST', remove, whole);
    if (needed !== undefined) await this.#server.request('DELETE', needed);
    return answer;
  }

  async #withRecord(
    collection: string,
    work: (query: URLSearchParams, path: string) => Promise<Answer>,
  ): Promise<Answer> {
    const post = this.document.paths[collection]?.post;
    const needed = await this.#makeNeeded(collection);
    const body = post && this.#body(post, needed);
    const created = post && (await this.#server.request('POST', `/api${collection}`, body));
    if (created !== undefined) expect(created).toMatchObject({ status: 201 });
    const location = created?.headers['location'];
    const { body: shown } = await this.#server.request('GET', location ?? `/api${collection}`);
    const record = location === undefined ? shown.records[0] : shown;
    const keys = this.#keysOf(collection).map((key): readonly [string, string] => [
      key,
      key.split('.').reduce((node, member) => node?.[member], record),
    ]);
    const query = keys.length === 0 ? this.#namesOf(body) : new URLSearchParams(Object.fromEntries(keys));
    const answer = await work(query, ['/api', collection, ...keys.map(([, value]) => `/${value}`)].join(''));
    if (created !== undefined) await this.#remove(collection, created, body);
    if (needed !== undefined) await this.#server.request('DELETE', needed);
    return answer;
  }

  #keysOf(collection: string): readonly string[] {
    const instance = Object.keys(this.document.paths).find((path) => path.startsWith(`${collection}/{`));
    return Array.from(instance?.matchAll(/\{([^}]+)\}/g) ?? [], ([, key = '']) => key);
  }

  /** What tells a record of a table apart: the names it was made with. */
  #namesOf(body: string | undefined): URLSearchParams {
    const { vserver, name } = JSON.parse(body ?? '{}');
    return new URLSearchParams({ vserver, name });
  }

  /** A CA certificate, where the example's UUID is to be the one of such; the path it is at. */
  async #makeNeeded(collection = ''): Promise<string | undefined> {
    if (!ofCaCertificates.includes(collection)) return undefined;
    const certificates = this.document.paths['/security/certificates']?.post;
    const body = certificates && this.#body(certificates);
    return (await this.#server.request('POST', '/api/security/certificates', body)).headers['location'];
  }

  #body(operation: Operation, needed?: string, left = ''): string | undefined {
    const example = exampleOf(operation.requestBody?.content);
    if (example === undefined) return undefined;
    const { [left]: _, ...members } = Object(example);
    return JSON.stringify(members).replaceAll(
      exampleUuid,
      /[0-9a-f-]{36}/.exec(needed ?? '')?.[0] ?? exampleUuid,
    );
  }

  /** Deletes what a POST made, unless that has been done. */
  async #remove(collection: string, created: Answer, body: string | undefined): Promise<void> {
    const location = created.headers['location'];
    const place = location ?? `/api${collection}?${this.#namesOf(body)}`;
    expect([200, 404]).toContain((await this.#server.request('DELETE', place)).status);
  }
}

const ofTrust = ['add', 'remove'].map((verb) => `/private/cli/security/ipsec/ca-certificate/${verb}`);

/** Where a record belongs to a CA certificate. */
const ofCaCertificates = ['/security/ipsec/ca-certificates', '/esplanade/v1/certificate-revocation-lists'];

/** The example of a body. */
export function exampleOf(content: Content | undefined): unknown {
  const { example } = Object(content?.['application/hal+json']?.examples);
  return example?.value;
}

/** The schema of a response's body. */
export function schemaOf(response: Response | undefined) {
  const schema = response?.content?.['application/hal+json']?.schema;
  if (schema === undefined) throw new Error('no schema is described');
  return { ...schema };
}
