import { parseArgs } from 'node:util';
import { seedOf } from '../../robustness/rounds.ts';
import { families } from '../targets/index.ts';
import { BlockCoverage } from './block-coverage.ts';
import { keepInput } from './corpus.ts';
import { guidedText, tryTarget } from './guided-campaign.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    target: { type: 'string' },
    seconds: { type: 'string', default: '60' },
    executions: { type: 'string', default: '1000000000' },
    seed: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const seed = values.seed === undefined ? seedOf() : Number(values.seed);
const limits = { executions: Number(values.executions), seconds: Number(values.seconds), mutated: 0 };
/** An input is kept if a person can look through it. */
const mostKeptBytes = 2_048;

let faultCount = 0;
// V8 counts in code that is loaded from now on.
const coverage = await BlockCoverage.start();
for (const [name, start] of Object.entries(families)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const family = await start();
  try {
    for (const target of family.targets) {
      if (values.target !== undefined && values.target !== target.name) continue;
      const report = await tryTarget(target, { seed, limits, coverage });
      process.stdout.write(`${guidedText(report, seed)}\n`);
      faultCount += report.faults.length;
      for (const { input } of report.faults) keepInput(target.name, 'fault', input);
      if (!values.keep) continue;
      for (const input of report.reached?.inputs ?? [])
        if (input.length <= mostKeptBytes) keepInput(target.name, 'reached', input);
    }
  } finally {
    await family.close();
  }
}
coverage.close();
process.exitCode = faultCount === 0 ? 0 : 1;
