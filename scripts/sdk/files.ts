import { startTestServer } from '@esplanade/server/testing';
import { header, type ResourceFile, resourceFile } from './resource-file.ts';

/** A generated file: where it belongs in the checkout, and what it must hold. */
export interface SdkFile {
  readonly path: string;
  readonly text: string;
}

/** Where they all are. */
export const sdkFolder = 'packages/sdk/src/generated';

/** The types of the client, from what the server says of itself as the newest release. */
export async function sdkFiles(): Promise<readonly SdkFile[]> {
  const server = await startTestServer();
  try {
    const { body: document } = await server.request('GET', '/openapi.json');
    const paths = Object.keys(document.paths).filter((path) => !isOfInstance(path));
    const resources = paths.map((path) => resourceFile(document, path));
    return [
      ...resources.map(({ name, text }) => ({ path: `${sdkFolder}/${name}.ts`, text })),
      { path: `${sdkFolder}/paths.ts`, text: pathsText(resources) },
      { path: `${sdkFolder}/index.ts`, text: indexText(resources) },
    ];
  } finally {
    await server.close();
  }
}

/** A collection's types are those of its instances too. */
function isOfInstance(path: string): boolean {
  return path.endsWith('}');
}

function pathsText(resources: readonly ResourceFile[]): string {
  const imports = byName(resources).map(
    ({ name, typesName }) => `import type { ${typesName} } from './${name}.ts';`,
  );
  const map = (title: string, interfaceName: string, kind: ResourceFile['kind']) => [
    `/** ${title} */`,
    `export interface ${interfaceName} {`,
    ...resources
      .filter((resource) => resource.kind === kind)
      .map(({ path, typesName }) => `  readonly '${path}': ${typesName};`),
    '}',
  ];
  return `${[
    header,
    '',
    ...imports,
    '',
    ...map('The collections and tables, by their paths.', 'Collections', 'collection'),
    '',
    ...map('The resources that are one record, by their paths.', 'Singletons', 'singleton'),
    '',
    ...map('What is done by a POST to a path of its own.', 'Actions', 'action'),
  ].join('\n')}\n`;
}

function indexText(resources: readonly ResourceFile[]): string {
  const files = byName([...resources, { name: 'paths' }]);
  return `${[header, '', ...files.map(({ name }) => `export type * from './${name}.ts';`)].join('\n')}\n`;
}

function byName<T extends { readonly name: string }>(files: readonly T[]): readonly T[] {
  return files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
