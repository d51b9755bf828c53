import type { Content, OpenApiDocument, Operation, Parameter, PathMethod, Response } from '@esplanade/ontap';
import { type FieldRow, fieldRows, typeText } from './field-rows.ts';
import { type Html, html, prose } from './html.ts';

/** One verb on one path of a resource. */
export interface PlacedOperation {
  readonly path: string;
  readonly method: PathMethod;
  readonly operation: Operation;
}

/** Everything the document says of one resource: its fields, then its operations. */
export function resourcePage(
  document: OpenApiDocument,
  path: string,
  title: string,
  operations: readonly PlacedOperation[],
): Html {
  const name = path.slice(1).replace(/\W+/g, '_');
  const record = document.components.schemas[name];
  return html`<h1>${title}</h1>
<p><code>/api${path}</code></p>
<nav aria-label="Operations"><ul class="operations">${operations.map(
    ({ path: place, method, operation }) =>
      html`<li><a href="#${operation.operationId}"><b>${method.toUpperCase()}</b> ${place}</a></li>`,
  )}</ul></nav>
${record && fieldTable('Fields', fieldRows(record))}
${operations.map((each) => operationSection(document, each))}`;
}

function operationSection(document: OpenApiDocument, placed: PlacedOperation): Html {
  const { path, method, operation } = placed;
  const parameters = operation.parameters.flatMap((each) =>
    '$ref' in each ? (document.components.parameters[each.$ref.split('/').at(-1) ?? ''] ?? []) : each,
  );
  const body = bodyFields(document, operation);
  const since = operation['x-ontap-since'];
  return html`<section id="${operation.operationId}">
<h2><b>${method.toUpperCase()}</b> <code>${path}</code></h2>
<p>${operation.summary}.${since && ` Since ${since}.`}</p>
${example(path, method, operation, parameters)}
${fieldTable('Body', body)}
${parameterTable(parameters)}
${responseTable(operation.responses)}
</section>`;
}

/** The request as one would type it, and its answer. */
function example(
  path: string,
  method: PathMethod,
  { requestBody, responses }: Operation,
  parameters: readonly Parameter[],
): Html {
  const query = parameters
    .filter((each) => each.in === 'query' && each.required === true)
    .map((each) => `${each.name}=${String(each.example)}`);
  // In braces curl would see a list.
  const place = `/api${path.replace(/\{.+\}/, 'UUID')}${query.length === 0 ? '' : `?${query.join('&')}`}`;
  const body = exampleText(requestBody?.content);
  const data = body && ` \\\n  -H 'Content-Type: application/json' -d '${body.replaceAll("'", "'\\''")}'`;
  const [status, response] = Object.entries(responses).find(([each]) => each.startsWith('2')) ?? [];
  const answer = exampleText(response?.content);
  return html`<pre><code>curl -u admin ${curlVerbs[method]}"$ESPLANADE_URL${place}"${data}</code></pre>
${answer && html`<p>${status}:</p><pre><code>${answer}</code></pre>`}`;
}

const curlVerbs: Readonly<Record<PathMethod, string>> = {
  get: '',
  head: '--head ',
  options: '-X OPTIONS ',
  post: '',
  patch: '-X PATCH ',
  delete: '-X DELETE ',
};

function exampleText(content: Content | undefined): string | undefined {
  const { example: shown } = Object(content?.['application/hal+json']?.examples);
  return shown === undefined ? undefined : JSON.stringify(shown.value, undefined, 2);
}

/** The fields of one record in a body, whose other form is several of them. */
function bodyFields({ components }: OpenApiDocument, { requestBody }: Operation): readonly FieldRow[] {
  const schema = Object(requestBody?.content['application/json']?.schema);
  const reference: unknown = schema.$ref ?? schema.anyOf?.[0]?.$ref;
  const body = components.schemas[String(reference).split('/').at(-1) ?? ''];
  return body === undefined ? [] : fieldRows(body);
}

function fieldTable(caption: string, rows: readonly FieldRow[]): Html | undefined {
  if (rows.length === 0) return undefined;
  return html`<details open><summary>${caption}</summary><table>
<thead><tr><th>Name<th>Type<th>Since<th>Meaning</tr></thead>
<tbody>${rows.map(
    ({ name, type, isRequired, access, since, description }) =>
      html`<tr><td><code>${name}</code>${isRequired ? ' required' : undefined}<td>${type}${access && `, ${access}`}<td>${since}<td>${prose(description)}</tr>
`,
  )}</tbody></table></details>`;
}

function parameterTable(parameters: readonly Parameter[]): Html | undefined {
  if (parameters.length === 0) return undefined;
  return html`<details><summary>Parameters (${parameters.length})</summary><table>
<thead><tr><th>Name<th>In<th>Type<th>Since<th>Meaning<th>Example</tr></thead>
<tbody>${parameters.map(
    ({ name, in: place, required, schema, description, example: shown, ...life }) =>
      html`<tr><td><code>${name}</code>${required ? ' required' : undefined}<td>${place}<td>${typeText(schema)}<td>${life['x-ontap-since']}<td>${prose(description)}<td>${shown === undefined ? undefined : html`<code>${String(shown)}</code>`}</tr>
`,
  )}</tbody></table></details>`;
}

function responseTable(responses: Readonly<Record<string, Response>>): Html {
  return html`<details><summary>Answers</summary><table>
<thead><tr><th>Status<th>Code<th>Message</tr></thead>
<tbody>${Object.entries(responses).map(([status, response]) => {
    const headers = Object.keys(response.headers ?? {});
    const codes = response['x-ontap-codes'];
    if (codes === undefined)
      return html`<tr><td>${status}<td><td>${prose(response.description)}${headers.length === 0 ? undefined : ` Headers: ${headers.join(', ')}.`}</tr>
`;
    return codes.map(
      ({ code, message }) => html`<tr><td>${status}<td>${code}<td>${message}</tr>
`,
    );
  })}</tbody></table></details>`;
}
