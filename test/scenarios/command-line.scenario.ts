import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CommandResult, runCommand } from '../support/command.ts';
import { launcher } from '../support/esplanade.ts';
import { eventually } from '../support/eventually.ts';
import type { Testbed } from '../support/testbed.ts';
import { beginFlow, flowKey, typist } from './command-line-bed.ts';

const port = 7020;
const policy = 'security ipsec policy';

/** An administrator who only has the command: a policy, its SAs, and what becomes of them. */
export function commandLineScenario(testbed: () => Testbed): void {
  describe('on the command line', () => {
    let bed: Testbed;

    // Once: a port that is still taken would end a retry.
    beforeAll(async () => {
      bed = testbed();
      await bed.traffic.peer.echo('udp', bed.peer.ipv4, port);
    });

    beforeEach(() => beginFlow(bed, port));

    const esplanade = (line: string, input = ''): Promise<CommandResult> =>
      runCommand(launcher, line.split(' '), {
        input,
        timeoutMilliseconds: 60_000,
        environment: typist(bed),
      });

    it('a policy is created, carries packets on SAs that are shown, and ends with them', async () => {
      const { ours, peer, traffic } = bed;
      const selector = `-local-ip-subnets ${ours.ipv4}/32 -remote-ip-subnets ${peer.ipv4}/32 -remote-ports ${port} -protocols udp`;
      const created = await esplanade(`${policy} create -name flow ${selector} -shared-key-file -`, flowKey);
      expect(created.stdout).toBe('The policy "flow" was created.\n');

      const stop = await traffic.ours.flow({
        source: ours.ipv4,
        destination: peer.ipv4,
        port,
        perSecond: 20,
      });
      const [esp] = await eventually(
        'the SA carries packets both ways',
        async () => {
          const sas = await bed.operator.installed('flow');
          return sas.some(({ ipsec }) => (ipsec?.inbound.packets ?? 0) > 0) && sas;
        },
        { deadlineMilliseconds: 40_000, intervalMilliseconds: 300 },
      );
      expect((await stop()).answered).toBeGreaterThan(0);

      const shown = await esplanade('security ipsec show-ipsecsa -policy-name flow -inbound-packets >0');
      const columns = [
        ours.ipv4,
        peer.ipv4,
        spi(esp?.ipsec?.inbound),
        spi(esp?.ipsec?.outbound),
        'INSTALLED',
      ];
      expect(shown.stdout).toMatch(new RegExp(`^svm1 +flow +${columns.join(' +')}$`, 'm'));
      const ike = await esplanade('sec ips show-ikesa -policy-name flow -fields state,auth-method --csv');
      expect(ike.stdout).toMatch(
        new RegExp(`,${ours.ipv4},${peer.ipv4},[0-9a-f]{16},established,psk\\r?$`, 'm'),
      );

      const modified = await esplanade(`${policy} modify -name flow -is-enabled false`);
      expect(modified.stdout).toBe('The policy "flow" was modified.\n');
      await bed.untilNoSas();
      const deleted = await esplanade(`${policy} delete -name flow`);
      expect(deleted.stdout).toBe('The policy "flow" was deleted.\n');
    });
  });
}

function spi(direction: { readonly security_parameter_index: string } | undefined): string {
  return direction?.security_parameter_index ?? 'no SPI';
}
