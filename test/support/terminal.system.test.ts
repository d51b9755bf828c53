import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { Terminals } from './terminal.ts';

let terminals: Terminals;

beforeAll(async () => {
  terminals = await Terminals.start({ COLOUR: 'green' });
});

afterAll(async () => {
  await terminals.end();
});

test('a line is run, and what it printed is read with its status, longer than the screen or not', async () => {
  const screen = await terminals.open({ columns: 40, rows: 10 });
  expect(await screen.run('echo "$COLOUR;"; exit_with() { return 3; }; exit_with')).toEqual({
    text: 'green;',
    status: 3,
  });
  expect((await screen.run('seq 30')).text.split('\n')).toEqual(
    Array.from({ length: 30 }, (_, line) => String(line + 1)),
  );
  const answers = [[/^Name:$/m, 'nobody'] as const, [/^again$/m, 'secret'] as const];
  const asking =
    'printf "Name: "; read name; stty -echo; echo again; read word; stty echo; echo "$name, $word"';
  expect((await screen.run(asking, { answers })).text).toBe('Name: nobody\nagain\nnobody, secret');
  expect(await screen.run('true')).toEqual({ text: '', status: 0 });
  expect((await screen.run('stty size; printf "%050d\\n" 7')).text).toBe(
    `10 40\n${'0'.repeat(40)}\n${'0'.repeat(9)}7`,
  );
});

test('keys are pressed, the screen changes its size, and the end of the program is told', async () => {
  const screen = await terminals.open({ command: ['sh', '-c', 'read a; stty size; read b; exit 4'] });
  await screen.type('typed;');
  await screen.until(/^typed;$/);
  await screen.resize(100, 30);
  await screen.press('Enter');
  await screen.until(/^30 100$/m);
  expect(await screen.cursor()).toEqual({ column: 0, row: 2 });
  expect(await screen.isFullScreen()).toBe(false);
  expect(await screen.status()).toBeUndefined();
  await screen.press('C-d');
  expect(await eventually('the end', () => screen.status())).toBe(4);
  expect(await screen.read()).toBe('typed;\n30 100');
});
