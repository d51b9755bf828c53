import { type OpenApiDocument, type PathItem, pathMethods } from '@esplanade/ontap';
import { type Html, html, prose } from './html.ts';
import { type PlacedOperation, resourcePage } from './resource-page.ts';
import { style } from './style.ts';

/** A file of the documentation. */
export interface DocsFile {
  readonly type: string;
  readonly text: string;
}

/** Where the browser may get what the pages need: from here, and no scripts at all. */
export const docsPolicy =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const root = '/docs/api';
const stylePath = `${root}/style.css`;

/** A resource: a collection with its records, a table, a singleton. */
interface DocumentedResource {
  readonly path: string;
  readonly title: string;
  readonly operations: readonly PlacedOperation[];
}

/**
 * Reads an OpenAPI document for people: `/docs/api` lists the resources, `/docs/api/PATH` tells all about one. Plain
 * HTML without scripts or anything from elsewhere, so that it works offline. `undefined` for a path that is no page.
 */
export function createApiDocs(document: OpenApiDocument): (path: string) => DocsFile | undefined {
  const resources = resourcesOf(document);
  return (path) => {
    if (path === stylePath) return { type: 'text/css; charset=utf-8', text: style };
    const wanted = path.replace(/\/+$/, '').slice(root.length);
    if (wanted === '') return page(document, document.info.title, indexPage(document, resources));
    const found = resources.find((each) => each.path === wanted);
    if (found === undefined) return undefined;
    const { title, operations } = found;
    return page(document, title, resourcePage(document, found.path, title, operations));
  };
}

/** The paths by resource: `/x/{uuid}`, and what can be done with it, belong to `/x`. */
function resourcesOf({ paths }: OpenApiDocument): readonly DocumentedResource[] {
  const operationsOf = (path: string, item: PathItem) =>
    pathMethods.flatMap((method) => {
      const operation = item[method];
      return operation === undefined ? [] : [{ path, method, operation }];
    });
  const entries = Object.entries(paths);
  return entries
    .filter(([path]) => !path.includes('{'))
    .map(([path, item]) => ({
      path,
      title: item.summary,
      operations: entries
        .filter(([each]) => each === path || each.startsWith(`${path}/{`))
        .flatMap(([each, inner]) => operationsOf(each, inner)),
    }));
}

function indexPage({ info, tags }: OpenApiDocument, resources: readonly DocumentedResource[]): Html {
  const [intro = '', ...rules] = info.description.split(/\n+(?=- )|\n\n/);
  return html`<h1>${info.title} ${info.version}</h1>
<p>${prose(intro)}</p>
<ul>${rules.map((rule) => html`<li>${prose(rule.replace(/^- /, ''))}</li>`)}</ul>
<p>The same for programs: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).</p>
${tags.map(
  ({ name }) => html`<section><h2>${name}</h2><table>
<thead><tr><th>Path<th>What<th>Verbs</tr></thead><tbody>
${resources
  .filter(({ path }) => path.split('/')[1] === name)
  .map(
    ({ path, title, operations }) =>
      html`<tr><td><a href="${root}${path}"><code>/api${path}</code></a><td>${title}<td>${verbsOf(operations)}</tr>
`,
  )}</tbody></table></section>`,
)}`;
}

function verbsOf(operations: readonly PlacedOperation[]): string {
  const verbs = new Set(operations.map(({ method }) => method.toUpperCase()));
  return [...verbs].filter((verb) => verb !== 'HEAD' && verb !== 'OPTIONS').join(' ');
}

function page({ info }: OpenApiDocument, title: string, content: Html): DocsFile {
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · ${info.title} API</title>
<link rel="stylesheet" href="${stylePath}">
</head>
<body>
<header><a href="${root}">${info.title} API</a></header>
<main>
${content}
</main>
</body>
</html>
`;
  return { type: 'text/html; charset=utf-8', text };
}
