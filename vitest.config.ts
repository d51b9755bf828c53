import { defineConfig } from 'vitest/config';

/**
 * Suites by what they need: `unit` needs only Node; `charon` a strongSwan daemon in a network namespace;
 * `system` the whole product; `kernel` a kernel with ESP (user-mode Linux where the host has none).
 */
/**
 * Daemons, kernels and processes on a machine that others use too: one more try, and the report names it (`retry x1`).
 */
const retry = 1;
/** For the same reason: whoever polls gives up after this, and not after the second that is given by default. */
const patience = { poll: { timeout: 15_000 } };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          expect: patience,
          include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [
            '**/*.charon.test.ts',
            '**/*.system.test.ts',
            '**/*.kernel.test.ts',
            '**/*.package.test.ts',
          ],
          // Reading the sources anew for each file takes a sixth of the time, and no file leaves anything behind.
          isolate: false,
          // Two guests run beside them on the same processors.
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'charon',
          expect: patience,
          retry,
          include: ['packages/*/src/**/*.charon.test.ts', 'test/**/*.charon.test.ts'],
          testTimeout: 60_000,
          // Hooks start daemons and the server, each of which has a minute.
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'system',
          expect: patience,
          retry,
          include: ['test/**/*.system.test.ts', 'packages/*/src/**/*.system.test.ts'],
          testTimeout: 120_000,
          // Hooks start daemons and the server, each of which has a minute.
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'packaging',
          expect: patience,
          include: ['test/packaging/*.package.test.ts'],
          testTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'kernel',
          expect: patience,
          retry,
          include: ['packages/*/src/**/*.kernel.test.ts', 'test/**/*.kernel.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // One thread for all files: a guest has one CPU, and forks are dear in it.
          pool: 'threads',
          isolate: false,
          fileParallelism: false,
        },
      },
    ],
  },
});
