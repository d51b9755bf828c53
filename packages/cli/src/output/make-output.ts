import { wrapLonger } from '../help-text.ts';
import type { Terminal } from '../terminal.ts';
import type { Output, OutputFormat } from './output.ts';
import { printable } from './printable.ts';

/** Shows results on this terminal in this format. Nothing of a format is loaded before there is something to show. */
export function makeOutput(format: OutputFormat, terminal: Terminal): Output {
  const isExact = format === 'json' || format === 'yaml' || format === 'csv';
  return {
    format,
    isExact,
    list: async (listing) =>
      format === 'table' || format === 'instance'
        ? (await import('./show-to-people.ts')).showToPeople(listing, format, terminal)
        : (await import('./show-to-machines.ts')).showToMachines(listing, format, terminal),
    say: (sentence) => {
      if (isExact) return;
      // For people, broken between words; scripts that look for a sentence find it whole.
      terminal.write(wrapLonger(printable(sentence), terminal.lineLimit));
    },
  };
}
