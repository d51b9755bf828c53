import { auditedChanges } from './audited-changes.ts';
import { basicAuth } from './basic-auth.ts';
import { commandLine } from './command-line.ts';
import { hundredThousandSas } from './hundred-thousand-sas.ts';
import { loadPolicies } from './load-policies.ts';
import { manyPolicies } from './many-policies.ts';
import { type Comparison, row } from './median.ts';
import { pageOf20 } from './page-of-20.ts';
import { saCollection } from './sa-collection.ts';
import { secondStart } from './second-start.ts';

/** Every benchmark: both sides are measured in the same run, in turns, and what counts is the ratio of the medians. */
const benchmarks: Readonly<Record<string, () => Promise<readonly Comparison[]>>> = {
  'load-policies': loadPolicies,
  'thousand-policies': () => manyPolicies(1_000, 3),
  'ten-thousand-policies': () => manyPolicies(10_000, 1),
  'page-of-20': pageOf20,
  'basic-auth': basicAuth,
  'hundred-thousand-sas': hundredThousandSas,
  'sa-collection': saCollection,
  'second-start': secondStart,
  'audited-changes': auditedChanges,
  'command-line': commandLine,
};

const named = process.argv.slice(2);
const unknown = named.filter((name) => benchmarks[name] === undefined);
if (unknown.length > 0) {
  process.stderr.write(
    `no such benchmark: ${unknown.join(', ')}. There are: ${Object.keys(benchmarks).join(', ')}\n`,
  );
  process.exit(64);
}
process.stdout.write('| what | Esplanade | what users know | ratio |\n|---|---|---|---|\n');
for (const [name, run] of Object.entries(benchmarks)) {
  if (named.length > 0 && !named.includes(name)) continue;
  for (const comparison of await run()) process.stdout.write(`${row(comparison)}\n`);
}
