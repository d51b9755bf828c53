import { expect, onTestFinished } from 'vitest';
import { ViciClient, type ViciClientOptions } from './client.ts';
import type { ViciConnectionError } from './errors.ts';
import { ScriptedDaemon } from './scripted-daemon.ts';

/** A daemon that ends with the test. */
export async function startDaemon(): Promise<ScriptedDaemon> {
  const daemon = await ScriptedDaemon.start();
  onTestFinished(() => daemon.stop());
  return daemon;
}

/** A client of the daemon that is closed with the test. */
export function newClient(
  { path }: ScriptedDaemon,
  options: Omit<ViciClientOptions, 'path'> = {},
): ViciClient {
  const client = new ViciClient({ path, ...options });
  onTestFinished(() => client.close());
  return client;
}

/** What a command rejects with that was not answered, for that reason. */
export const noAnswer = (reason: ViciConnectionError['reason']): object =>
  expect.objectContaining({ name: 'ViciConnectionError', reason });
