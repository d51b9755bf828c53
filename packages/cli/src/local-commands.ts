import {
  isLocalCommandError,
  type LocalCommand,
  type LocalOption,
  localCommands,
} from '@esplanade/server/commands';
import type { Arguments, Command, CommandEntry, Parameter, ParameterValue } from './command.ts';
import type { Context } from './context.ts';
import { CommandError, exitStatus } from './exit-status.ts';

/** The commands that work on this machine and not through the API: they are the server's own, told here in our form. */
export const localCommandEntries: readonly CommandEntry[] = localCommands.map(({ words, summary, load }) => ({
  words,
  summary,
  load: async () => commandOf(await load()),
}));

const operandName = 'file';

function commandOf(local: LocalCommand): Command {
  const { description, examples, operand, options } = local;
  const operandParameter: Parameter | undefined = operand && {
    name: operandName,
    value: { kind: 'text', placeholder: operand.value },
    help: capitalized(operand.help),
    isRequired: true,
    isPositional: true,
  };
  return {
    isLocal: true,
    description,
    parameters: [...(operandParameter ? [operandParameter] : []), ...options.map(parameterOf)],
    examples,
    run: (given, context) => run(local, given, context),
  };
}

function parameterOf(option: LocalOption): Parameter {
  const { name, help, fallback, variable } = option;
  return {
    name,
    value: takenBy(option),
    help: capitalized(variable === undefined ? help : `${help}; ${variable}`),
    ...(fallback !== undefined && { fallback }),
  };
}

function takenBy({ value, repeatable }: LocalOption): ParameterValue {
  if (value === undefined) return { kind: 'switch' };
  if (repeatable === true) return { kind: 'list', placeholder: value };
  // Words that stand for a value are in capitals; others are what may be said.
  return value.includes('|') || value === value.toLowerCase()
    ? { kind: 'choice', choices: value.split('|') }
    : { kind: 'text', placeholder: value };
}

async function run(local: LocalCommand, given: Arguments, context: Context) {
  const { terminal, signal } = context;
  const environment = { ...context.environment };
  // Node's diagnostic reports show the environment of the process whole.
  delete process.env['ESPLANADE_ADMIN_PASSWORD'];
  const operand = given.text(operandName);
  let isInProgress = false;
  const endProgress = (): void => {
    if (isInProgress) terminal.note('\r\u001b[K');
    isInProgress = false;
  };
  try {
    await local.run(
      {
        options: local.options.flatMap((option) => typed(option, given)),
        ...(operand !== undefined && { operand }),
      },
      {
        environment,
        print: (result) => {
          endProgress();
          terminal.write(result.endsWith('\n') ? result : `${result}\n`);
        },
        progress: async (text) => {
          // Steps may hold up everything else, so that Ctrl-C is only heard of between them.
          await new Promise<void>((resolve) => void setImmediate(resolve));
          signal.throwIfAborted();
          if (!terminal.canAsk) return;
          isInProgress = true;
          terminal.note(`\r\u001b[K${text} …`);
        },
      },
    );
  } catch (error) {
    if (!isLocalCommandError(error)) throw error;
    throw new CommandError(error.isMisuse ? exitStatus.misused : exitStatus.failed, error.message, {
      cause: error,
    });
  } finally {
    endProgress();
  }
  return exitStatus.done;
}

/** The option as the server reads it. */
function typed({ name, value }: LocalOption, given: Arguments): readonly string[] {
  if (!given.has(name)) return [];
  if (value === undefined) return given.text(name) === 'true' ? [`--${name}`] : [];
  return given.list(name).map((text) => `--${name}=${text}`);
}

function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
