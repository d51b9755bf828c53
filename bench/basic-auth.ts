import { fileURLToPath } from 'node:url';
import { runCommand } from '../test/support/command.ts';
import { Daemon } from '../test/support/daemon.ts';
import type { Load, LoadResult } from './load-generator.ts';
import type { Comparison } from './median.ts';

const rounds = 11;
const secondsEach = 1;
const server = fileURLToPath(new URL('../packages/server/src/testing/login-cost-server.ts', import.meta.url));
const generator = fileURLToPath(new URL('./load-generator.ts', import.meta.url));

/**
 * What Basic authentication costs where nothing else does: our whole edge, which answers each request with the same
 * kilobyte, once with a password in each and once believing everybody. Both in a process of their own, asked in turns.
 */
export async function basicAuth(): Promise<readonly Comparison[]> {
  const asking = await start('basic');
  const believing = await start('none');
  const rates = { basic: [] as number[], none: [] as number[] };
  await rate(asking.url);
  await rate(believing.url);
  for (let round = 0; round < rounds; round += 1) {
    rates.basic.push(await rate(asking.url));
    rates.none.push(await rate(believing.url));
  }
  await asking.daemon.end();
  await believing.daemon.end();
  return [
    {
      what: 'Basic authentication at full rate (1 kB, 8 connections)',
      unit: 'requests/s',
      ours: { does: 'a password in each request, looked up and believed', values: rates.basic },
      theirs: { does: 'the same edge without a login', values: rates.none },
    },
  ];
}

async function start(kind: 'basic' | 'none'): Promise<{ readonly url: string; readonly daemon: Daemon }> {
  const daemon = new Daemon(`edge, ${kind}`, [process.execPath, server, kind]);
  const port = (await daemon.line(/^listening \d+/)).slice('listening '.length);
  return { url: `https://127.0.0.1:${port}/api/cluster`, daemon };
}

async function rate(url: string): Promise<number> {
  const authorization = `Basic ${Buffer.from('admin:password').toString('base64')}`;
  const load: Load = {
    url,
    headers: { authorization, accept: '*/*' },
    connections: 8,
    requests: 1_000_000,
    seconds: secondsEach,
  };
  const { stdout } = await runCommand(process.execPath, [generator, JSON.stringify(load)]);
  const { requestsPerSecond }: LoadResult = JSON.parse(stdout);
  return requestsPerSecond;
}
