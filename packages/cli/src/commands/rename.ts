import type { Command } from '../command.ts';
import type { Directory, VerbText } from '../directory/directory.ts';
import { exitStatus } from '../exit-status.ts';
import { keyParameters, namedRecord } from './named-record.ts';

/** ONTAP's `rename` of a directory whose records have a `uuid` and a `name`. */
export function renameCommand({ fields, noun: [noun], path }: Directory, text: VerbText): Command {
  const keys = fields.filter(({ isKey }) => isKey === true);
  return {
    description: text.description,
    parameters: [
      ...keyParameters(keys),
      {
        name: 'newname',
        value: { kind: 'text', placeholder: 'new name' },
        help: 'The name it is to have',
        isRequired: true,
        isPositional: true,
        target: 'name',
      },
    ],
    examples: text.examples,
    run: async (given, context) => {
      const api = await context.api();
      const { uuid, name } = await namedRecord(
        api,
        { path, keys, noun, fields: ['uuid', 'name'] },
        given,
        context.signal,
      );
      const newName = given.text('newname');
      await api.collection(path).modify(String(uuid), { name: newName });
      context.output.say(`The ${noun} "${String(name)}" is "${newName}" now.`);
      return exitStatus.done;
    },
  };
}
