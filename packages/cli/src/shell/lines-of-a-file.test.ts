import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../testing/test-cluster.ts';

describe('lines that come from a file', () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startTestCluster();
  });
  afterAll(() => cluster.close());

  const shell = (...lines: readonly string[]) => cluster.run(['shell'], { input: `${lines.join('\n')}\n` });
  const last = 'vserver show -fields vserver -csv';

  it('are done one after the other, each in the directory where those before have led', async () => {
    expect(await shell('security ipsec', 'policy show -csv -fields name', 'top', last)).toMatchObject({
      status: 0,
      output: expect.stringMatching(/^vserver,name\nvserver\n/),
      notes: '',
    });
  });

  it('are not read where they are too long for anybody to have meant them', async () => {
    expect(await shell('x'.repeat(1_000_000), last)).toMatchObject({
      status: 0,
      output: expect.stringContaining('svm1'),
      notes: 'esplanade: A line of more than 65536 characters is not read.\n',
    });
  });

  it('may be comments', async () => {
    expect(await shell('# the owners', '  # of everything', last)).toMatchObject({ status: 0, notes: '' });
  });

  it.each(['serve', 'backup x.tar', 'shell', 'key status'])(
    'know what is not in the shell: %s',
    async (line) => {
      const { status, notes } = await shell(line);
      expect(status).toBe(2);
      expect(notes).toBe(
        `esplanade: "${line.split(' ')[0]}" is not in the shell: run it outside, as "esplanade ${line}".\n`,
      );
    },
  );

  it('do not begin help with what is not in the shell', async () => {
    const { status, output } = await shell('help');
    expect(status).toBe(0);
    expect(output).toContain('Begin with:\n');
    expect(output).not.toMatch(/^ *(?:serve|shell)\b/m);
  });

  it.each(['-shared-key-file -', '-shared-key-file=-'])(
    'are not run behind one that fails for the input it was to have: %s',
    async (parameter) => {
      const create =
        'security ipsec policy create svm1 x -local-ip-subnets 192.0.2.1/32 -remote-ip-subnets 198.51.100.1/32';
      const { status, output, notes } = await shell(
        `${create} ${parameter}`,
        'HIDDEN of several words',
        last,
      );
      expect(status).toBe(2);
      expect(output).toBe('');
      expect(notes).not.toContain('HIDDEN');
      expect(notes).toContain('name a file');
      expect(notes).toContain('The lines after it are not run');
    },
  );
});
