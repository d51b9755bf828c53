import type { Command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import type { Column } from '../output/column.ts';
import type { VerbText } from './directory.ts';
import { chosenFields, recordParameters } from './listing-parameters.ts';

/** `show` of a resource that is one record, as there is one configuration: as a block, with all its columns. */
export function showRecordCommand(path: string, columns: readonly Column[], text: VerbText): Command {
  return {
    description: text.description,
    parameters: recordParameters(columns),
    examples: text.examples,
    run: async (given, { api, output, signal }) => {
      const fields = chosenFields(columns, given);
      const record = await (await api()).call('GET', path, undefined, { signal });
      await output.list({
        columns,
        ...(fields !== undefined && { fields }),
        records: [record],
        isSingle: true,
      });
      return exitStatus.done;
    },
  };
}
