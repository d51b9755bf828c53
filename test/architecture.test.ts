import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/**
 * The arrows of ARCHITECTURE.md, held by a test. Each row says what a package may import and why no more. A package
 * that appears without a row, or a row whose package is gone, fails too.
 */
const arrows: Readonly<Record<string, { readonly may: readonly string[]; readonly because: string }>> = {
  vici: { may: [], because: 'a protocol client that others could use alone' },
  domain: { may: ['ip-bigint'], because: 'rules must be testable without a world' },
  ontap: { may: [], because: 'the dialect must not learn IPsec, and IPsec must not learn HAL' },
  store: { may: [], because: 'documents are opaque, so that engines stay comparable' },
  desired: { may: ['@esplanade/domain', '@esplanade/store'], because: 'typed records over any engine' },
  datapath: {
    may: ['@esplanade/domain', '@esplanade/vici'],
    because: "strongSwan's words stop in its driver",
  },
  reconciler: {
    may: ['@esplanade/datapath', '@esplanade/desired', '@esplanade/domain'],
    because: 'no engine and no driver in the loop',
  },
  sdk: { may: [], because: 'it runs in browsers, and against an ONTAP that has nothing of ours' },
  cli: {
    may: ['@esplanade/sdk', '@esplanade/server', 'string-width', 'yaml'],
    because: 'the API must suffice for our own tools',
  },
  server: {
    may: [
      '@esplanade/datapath',
      '@esplanade/desired',
      '@esplanade/domain',
      '@esplanade/ontap',
      '@esplanade/reconciler',
      '@esplanade/store',
      '@peculiar/x509',
      'fastify',
      'reflect-metadata',
    ],
    because: 'the rim: it composes the contracts',
  },
};

/** Where an import is allowed only in some files of a package. */
const narrow: readonly {
  readonly target: RegExp;
  readonly in: string;
  readonly only: RegExp;
  readonly because: string;
}[] = [
  {
    target: /^@esplanade\/vici/,
    in: 'datapath',
    only: /src\/strongswan\//,
    because: 'VICI is spoken by the strongSwan driver alone',
  },
  {
    target: /^@esplanade\/(store\/embedded|datapath\/(strongswan|simulated))/,
    in: 'server',
    only: /src\/(serve|engines|datapath-purge|admin-reset-password)\.ts$/,
    because: 'engines are named in the composition root only',
  },
  {
    target: /^fastify$/,
    in: 'server',
    only: /src\/(app|identified-request|replies|serve)\.ts$/,
    because: 'resources know the dialect, not the HTTP framework',
  },
  {
    target: /^@esplanade\/server/,
    in: 'cli',
    only: /src\/local-commands\.ts$/,
    because: 'what works on this machine is the server’s own; everything else goes through the API',
  },
  {
    target: /^node:/,
    in: 'sdk',
    only: /src\/node\//,
    because: 'browsers have no modules of Node',
  },
  {
    target: /^node:(fs|net|http|https|child_process|dgram|tls|sqlite)/,
    in: 'domain',
    only: /src\/ip-address\.ts$/,
    because: 'the domain does no I/O; net.isIP is a pure function',
  },
  {
    target: /^node:(fs|net|http|https|child_process|dgram|tls|sqlite|timers)/,
    in: 'ontap',
    only: /src\/(address|time-slice)\.ts$/,
    because: 'the dialect does no I/O; net.isIP is a pure function, and a long scan lets others run',
  },
];

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const packages = readdirSync(join(root, 'packages')).filter((name) =>
  statSync(join(root, 'packages', name)).isDirectory(),
);

interface Import {
  readonly file: string;
  readonly target: string;
}

function sourcesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourcesOf(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

/** Test files, and suites that a package exports for others to run, may use the test runner and other engines. */
function isTest(file: string): boolean {
  return /\.(test|fixture)\.ts$|conformance[a-z-]*\.ts$|-under-test\.ts$|\/testing\//.test(file);
}

function importsOf(name: string): Import[] {
  return sourcesOf(join(root, 'packages', name, 'src'))
    .filter((file) => !isTest(file))
    .flatMap((file) => {
      const text = readFileSync(file, 'utf8').replaceAll(/^\s*(\/\/|\*|\/\*).*$/gm, '');
      const found = text.matchAll(/(?:from|import)\s*\(?\s*'([^'\s]+)'/g);
      return [...found].map((match) => ({ file: relative(root, file), target: match[1] ?? '' }));
    });
}

function packageOf(target: string): string {
  const parts = target.split('/');
  return target.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}

describe('the arrows between packages', () => {
  it('has one row for each package, and no row without a package', () => {
    expect(Object.keys(arrows).sort()).toEqual([...packages].sort());
  });

  it.each(packages)('%s imports only what its row allows', (name) => {
    const foreign = importsOf(name).filter(
      ({ target }) =>
        !target.startsWith('.') && !target.startsWith('node:') && packageOf(target) !== `@esplanade/${name}`,
    );
    const row = arrows[name];
    const forbidden = foreign.filter(({ target }) => !row?.may.includes(packageOf(target)));
    expect(forbidden, `${name}: ${row?.because}`).toEqual([]);
  });

  it.each(packages)('%s declares every package it imports, and imports every package it declares', (name) => {
    const manifest = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
    const declared = Object.keys(manifest.dependencies ?? {}).sort();
    const used = new Set(
      importsOf(name)
        .map(({ target }) => packageOf(target))
        .filter((target) => !target.startsWith('.') && !target.startsWith('node:')),
    );
    expect(declared).toEqual([...used].sort());
  });

  it.each(packages)('%s reaches into no other package by path', (name) => {
    const folder = join(root, 'packages', name);
    const deep = importsOf(name).filter(({ file, target }) => {
      if (!target.startsWith('.')) return /\/src\//.test(target);
      return relative(folder, resolve(root, dirname(file), target)).startsWith('..');
    });
    expect(deep).toEqual([]);
  });

  it.each(narrow.map((rule) => [rule.in, rule.because, rule] as const))('%s: %s', (_name, _because, rule) => {
    const misplaced = importsOf(rule.in).filter(
      ({ file, target }) => rule.target.test(target) && !rule.only.test(file),
    );
    expect(misplaced).toEqual([]);
  });

  it('has no cycle inside any package, even of types', () => {
    const edges = new Map<string, string[]>();
    for (const name of packages) {
      for (const { file, target } of importsOf(name)) {
        if (!target.startsWith('.')) continue;
        const to = relative(root, resolve(root, dirname(file), target));
        edges.set(file, [...(edges.get(file) ?? []), to]);
      }
    }
    expect(cyclesIn(edges)).toEqual([]);
  });
});

/** Depth-first search that returns each cycle as the list of its files. */
function cyclesIn(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      cycles.push([...path.slice(path.indexOf(file)), file]);
      return;
    }
    state.set(file, 'open');
    for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of edges.keys()) visit(file, []);
  return cycles;
}

describe('the source itself', () => {
  const files = packages.flatMap((name) => sourcesOf(join(root, 'packages', name, 'src')));

  it('keeps files short enough to read in one sitting', () => {
    const long = files
      .filter((file) => !isTest(file))
      .map((file) => ({ file: relative(root, file), lines: readFileSync(file, 'utf8').split('\n').length }))
      .filter(({ lines }) => lines > 400);
    expect(long).toEqual([]);
  });

  it('names no file for a drawer', () => {
    const drawers = files.filter((file) => /\/(utils?|helpers?|common|misc|manager)\.ts$/.test(file));
    expect(drawers).toEqual([]);
  });

  it('leaves nothing for later in a comment', () => {
    const marks = new RegExp(['TO', 'DO|FIX', 'ME|XX', 'X\\b'].join(''));
    const later = files.filter((file) => marks.test(readFileSync(file, 'utf8').replaceAll('XXXX', '')));
    expect(later.map((file) => relative(root, file))).toEqual([]);
  });
});
