import { testPassword } from '../support/esplanade.ts';
import { swanctlConf } from '../support/peer-connection.ts';
import type { Testbed } from '../support/testbed.ts';

/** What both ends of a flow are told. */
export const flowKey = 'what both of them were told';

/** Begins with a peer that has one connection, for UDP to this port of it. */
export function beginFlow(bed: Testbed, port: number): Promise<void> {
  return bed.begin((ours, peer) => {
    const flow = { localTs: `${peer.ipv4}/32[udp/${port}]`, remoteTs: `${ours.ipv4}/32[udp]` };
    return swanctlConf(
      [{ name: 'all', local: peer.ipv4, remote: ours.ipv4, children: [{ name: 'flow', ...flow }] }],
      [{ name: 'all', identities: [ours.ipv4, peer.ipv4], key: flowKey }],
    );
  });
}

/** Who types commands, without a login of his own. */
export function typist({ directory, server }: Testbed): Readonly<Record<string, string>> {
  return {
    HOME: directory,
    ESPLANADE_URL: server.url,
    ESPLANADE_USER: 'admin',
    ESPLANADE_PASSWORD: testPassword,
    ESPLANADE_INSECURE: '1',
  };
}
