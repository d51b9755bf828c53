import { ViciClient } from '@esplanade/vici';
import type { BenchPolicy } from './policies.ts';

/** The least that can be done: each policy's secret and connection sent one after the other, nothing kept or checked. */
export async function rawViciLoop(
  socket: string,
  policies: readonly BenchPolicy[],
  local: string,
): Promise<void> {
  const vici = new ViciClient({ path: socket });
  try {
    for (const { name, remote, port, key } of policies) {
      await vici.request('load-shared', { id: name, type: 'IKE', data: key, owners: [local, remote] });
      await vici.request('load-conn', {
        [name]: {
          version: '2',
          local_addrs: [local],
          remote_addrs: [remote],
          proposals: ['aes256-sha384-ecp384'],
          local: { auth: 'psk', id: local },
          remote: { auth: 'psk', id: remote },
          children: {
            [name]: {
              mode: 'transport',
              esp_proposals: ['aes256gcm16'],
              local_ts: [`${local}/32[tcp/${port}]`],
              remote_ts: [`${remote}/32[tcp]`],
              start_action: 'trap',
            },
          },
        },
      });
    }
  } finally {
    vici.close();
  }
}
