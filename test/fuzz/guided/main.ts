import { parseArgs } from 'node:util';
import { seedOf } from '../../robustness/rounds.ts';
import { givenNumber } from '../given-numbers.ts';
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
const seed = values.seed === undefined ? seedOf() : givenNumber('seed', values.seed, 0);
const limits = {
  executions: givenNumber('executions', values.executions),
  seconds: givenNumber('seconds', values.seconds, 0.1),
  mutated: 0,
};
const known = Object.keys(families);
const unknown = positionals.filter((name) => !known.includes(name));
if (unknown.length > 0)
  throw new RangeError(`There is no group ${unknown.join(', ')}; there are ${known.join(', ')}.`);
/** An input is kept if a person can look through it. */
const mostKeptBytes = 2_048;

let faultCount = 0;
const passedOver: string[] = [];
let triedCount = 0;
// V8 counts in code that is loaded from now on.
const coverage = await BlockCoverage.start();
for (const [name, start] of Object.entries(families)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const family = await start();
  try {
    for (const target of family.targets) {
      if (values.target !== undefined && values.target !== target.name) {
        passedOver.push(target.name);
        continue;
      }
      triedCount += 1;
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
if (triedCount === 0)
  throw new RangeError(`There is no target ${values.target}; there are ${passedOver.join(', ')}.`);
process.exitCode = faultCount === 0 ? 0 : 1;
