import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../testing/test-cluster.ts';

describe('SAs that are listed several times', () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startTestCluster();
  });
  afterAll(() => cluster.close());

  it.each([
    ['-csv', /^vserver,[^\n]+\n$/],
    ['-json', /^\[\]\n\[\]\n$/],
    ['-yaml', /^---\n\[\]\n---\n\[\]\n$/],
  ])('are what a program can read as it comes: %s', async (format, expected) => {
    const { status, output } = await cluster.run(['top', '-count', '2', '-interval', '1', format]);
    expect(status).toBe(0);
    expect(output).toMatch(expected);
  });
});
