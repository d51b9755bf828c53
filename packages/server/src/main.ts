import { LocalCommandError, localCommands } from './commands/index.ts';

const words = process.argv.slice(2);
const environment = { ...process.env };
delete process.env['ESPLANADE_ADMIN_PASSWORD'];
const entry = localCommands.find((one) => one.words.every((word, index) => words[index] === word));
try {
  if (entry === undefined) throw new LocalCommandError(true, `There is no command "${words.join(' ')}".`);
  const command = await entry.load();
  const rest = words.slice(entry.words.length);
  const [operand = '', ...options] = command.operand === undefined ? ['', ...rest] : rest;
  const print = (text: string): void => void process.stdout.write(`${text.replace(/\n$/, '')}\n`);
  await command.run({ operand, options }, { environment, print, progress: () => undefined });
} catch (error) {
  const message = error instanceof LocalCommandError ? error.message : String(error);
  process.stderr.write(`esplanade: ${message}\n`);
  process.exitCode = error instanceof LocalCommandError && error.isMisuse ? 2 : 1;
}
