import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../test/support/command.ts';
import { launcher, testPassword } from '../test/support/esplanade.ts';
import { type Comparison, timed } from './median.ts';
import { benchPolicies, restBody } from './policies.ts';
import { localAddress, Stage } from './stage.ts';

const records = 20;
const rounds = 31;
const builder = fileURLToPath(new URL('../scripts/build.sh', import.meta.url));

/** A command, and how many milliseconds it took each time. */
interface Timed {
  readonly command: readonly string[];
  readonly values: number[];
}

/**
 * What a person waits for at the command line, from the checkout and as it is built, against Node starting and ending with
 * nothing to do, and against swanctl, which is C, asking the same charon for the same policies. Wall time of whole processes.
 */
export async function commandLine(): Promise<readonly Comparison[]> {
  const built = await mkdtemp(join(tmpdir(), 'esplanade-bench-built-'));
  const stage = await Stage.open({ guarded: false });
  try {
    await runCommand('sh', [builder, built], { timeoutMilliseconds: 120_000 });
    const { server, client } = await stage.startEsplanade(1);
    try {
      for (const policy of benchPolicies(records))
        await client.expect(201, 'POST', '/api/security/ipsec/policies', restBody(policy, localAddress));
      await stage.enforced(records);
      const series = (...command: string[]): Timed => ({ command, values: [] });
      const asBuilt = [process.execPath, join(built, 'esplanade/main.js')];
      const show = ['security', 'ipsec', 'policy', 'show'];
      const names = ['__complete', 'zsh', '', ...show, '-name'];
      const node = series(process.execPath, '--eval', '0');
      const swanctl = series('swanctl', '--list-conns', '--uri', `unix://${stage.daemons.charon.socket}`);
      const ours = {
        help: [series(launcher, '--help'), series(...asBuilt, '--help')],
        show: [series(launcher, ...show), series(...asBuilt, ...show)],
        names: [series(launcher, ...names), series(...asBuilt, ...names)],
      };
      await inTurns([node, swanctl, ...ours.help, ...ours.show, ...ours.names], {
        ESPLANADE_URL: server.url,
        ESPLANADE_USER: 'admin',
        ESPLANADE_PASSWORD: testPassword,
        ESPLANADE_INSECURE: '1',
        NODE_COMPILE_CACHE: join(built, 'cache'),
        // A machine where it is set has Node read as many authorities again, which is nothing of ours.
        NODE_EXTRA_CA_CERTS: '',
      });
      const against = (what: string, theirs: Timed, does: string, [source, asInstalled]: Timed[]) =>
        [
          { from: 'from the checkout', values: source?.values ?? [] },
          { from: 'as built', values: asInstalled?.values ?? [] },
        ].map(({ from, values }) => ({
          what,
          unit: 'ms' as const,
          ours: { does: from, values },
          theirs: { does, values: theirs.values },
        }));
      const bare = '`node --eval 0`';
      return [
        ...against('`esplanade --help`', node, bare, ours.help),
        ...against(`\`policy show\` of ${records}`, node, bare, ours.show),
        ...against(`\`policy show\` of ${records}`, swanctl, '`swanctl --list-conns`', ours.show),
        ...against(`${records} names for Tab`, node, bare, ours.names),
      ];
    } finally {
      client.close();
      await server.stop();
    }
  } finally {
    await stage.close();
    await rm(built, { recursive: true });
  }
}

/** The first round fills caches, and does not count. */
async function inTurns(
  series: readonly Timed[],
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  for (let round = 0; round <= rounds; round += 1) {
    for (const { command, values } of series) {
      const [program = '', ...args] = command;
      const milliseconds = await timed(async () => {
        await runCommand(program, args, { environment });
      });
      if (round > 0) values.push(milliseconds);
    }
  }
}
