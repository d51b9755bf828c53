import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { testPassword } from '../support/esplanade.ts';
import { eventually } from '../support/eventually.ts';
import { swanctlConf } from '../support/peer-connection.ts';
import type { Testbed } from '../support/testbed.ts';
import { kernelStates } from '../support/xfrm.ts';

const secretKey = 'of the shortest example';
const port = 2049;

/** The example that the SDK's README begins with, as its reader runs it. */
export function sdkExampleScenario(testbed: () => Testbed): void {
  describe('the example of the SDK', () => {
    let bed: Testbed;

    beforeAll(async () => {
      bed = testbed();
      await bed.begin((ours, peer) => {
        const [localTs, remoteTs] = [`${peer.ipv4}/32[tcp/${port}]`, `${ours.ipv4}/32[tcp]`];
        const children = [{ name: 'nfs', localTs, remoteTs }];
        const connection = { name: 'example', local: peer.ipv4, remote: ours.ipv4, children };
        const secret = { name: 'example', identities: [ours.ipv4, peer.ipv4], key: secretKey } as const;
        return swanctlConf([connection], [secret]);
      });
    });

    it('creates a policy and is told the SPI that the kernel has, once traffic has brought it up', async () => {
      const { ours, peer, server, operator, directory } = bed;
      const file = fileURLToPath(new URL('../../packages/sdk/examples/create-policy.ts', import.meta.url));
      const running = runCommand(process.execPath, [file, ours.ipv4, peer.ipv4], {
        timeoutMilliseconds: 60_000,
        environment: {
          ESPLANADE_URL: server.url,
          ESPLANADE_USER: 'admin',
          ESPLANADE_PASSWORD: testPassword,
          PRE_SHARED_KEY: secretKey,
          NODE_EXTRA_CA_CERTS: join(directory, 'data/tls.crt'),
        },
      });
      await eventually('the policy is applied', async () =>
        (await operator.statuses()).some(({ name, state }) => name === 'nfs' && state === 'applied'),
      );
      await bed.traffic.ours.connect({ source: ours.ipv4, destination: peer.ipv4, port });
      const { stdout } = await running;
      const [, spi] = /^nfs is installed, SPI ([0-9a-f]{8})\n$/.exec(stdout) ?? [];
      expect((await kernelStates(ours)).map((state) => state.spi)).toContain(spi);
    });
  });
}
