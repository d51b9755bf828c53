import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { DebianMachine } from './debian-machine.ts';
import { otherEnd } from './other-end.ts';

const checkout = fileURLToPath(new URL('../..', import.meta.url));

/** Shell functions that the scripts of these tests share. */
const tools = `
api() { # METHOD PATH [JSON]
  curl -sk -u "admin:$(cat /var/lib/esplanade/data/admin-password)" -X "$1" "https://127.0.0.1:8443/api$2" \${3:+-d "$3"}
}
says() { # TEXT OF /readyz, without blanks
  until curl -sk -u "admin:$(cat /var/lib/esplanade/data/admin-password)" https://127.0.0.1:8443/readyz | tr -d ' \\n' | grep -qF "$1"; do sleep 0.2; done
}
ready() { says '{"ready":true'; }
pid() { systemctl show --value --property MainPID "$1"; }
arrived() { tcpdump -n -r /run/peer.pcap "$1" 2>/dev/null | wc -l; }
answered() { until ping -c 1 -W 1 10.77.0.2 >/dev/null; do :; done; }
spis() { ip xfrm state | awk '/proto esp/ { print $4 }' | sort | tr '\\n' ' '; }
`;

const policy = JSON.stringify({
  name: 'peer',
  secret_key: 'the key that both ends of this trial know',
  local_endpoint: { address: '10.77.0.1', netmask: '32' },
  remote_endpoint: { address: '10.77.0.2', netmask: '32' },
  local_identity: '10.77.0.1',
  remote_identity: '10.77.0.2',
});

/**
 * Highest exposure by `systemd-analyze security`, in tenths. A daemon that is root and administers the network cannot
 * be low.
 */
const exposures = {
  'esplanade.service': 13,
  'esplanade-guard@Default.service': 28,
  'esplanade-charon@Default.service': 26,
  'esplanade-kernel-reader@Default.service': 21,
};

describe('the Debian package, as a service on a Debian of its own', () => {
  let machine: DebianMachine;
  let directory: string;
  const run = (script: string): Promise<string> => machine.run(`${tools}${script}`);

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-package-'));
    const package_ = async (revision: string): Promise<void> => {
      const script = join(checkout, 'scripts/package.sh');
      await runCommand('sh', [script, directory, revision], { timeoutMilliseconds: 120_000 });
    };
    await Promise.all([package_('1'), package_('2')]);
    machine = await DebianMachine.start();
    const { stdout } = await runCommand('sh', ['-c', `ls ${directory}/*.deb`]);
    for (const [index, file] of stdout.trim().split('\n').entries())
      await copyFile(file, join(machine.exchange, `${index + 1}.deb`));
    await run(otherEnd);
  }, 400_000);

  afterAll(async () => {
    await machine?.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('is up once it is installed, in place of the charon that Debian starts', async () => {
    expect(await run('systemctl is-active strongswan.service')).toBe('active');
    await run('dpkg --force-unsafe-io -i /run/exchange/1.deb && ready');
    const units = 'esplanade.service esplanade-guard@Default.service esplanade-charon@Default.service';
    expect(await run(`systemctl is-active ${units} strongswan.service || true`)).toBe(
      'active\nactive\nactive\ninactive',
    );
    const told = await run('journalctl --unit esplanade.service');
    expect(told).toContain('the account admin has the password in /var/lib/esplanade/data/admin-password');
    expect(told).not.toContain(await run('cat /var/lib/esplanade/data/admin-password'));
    await run('systemctl start strongswan.service');
    expect(await run('systemctl is-active strongswan.service || true')).toBe('inactive');
  });

  it('has units without faults and with little to attack', async () => {
    const units = Object.keys(exposures).join(' ');
    expect(await run(`systemd-analyze verify --recursive-errors=no --man=no ${units} 2>&1`)).toBe('');
    for (const [unit, threshold] of Object.entries(exposures))
      await run(
        `systemd-analyze security --offline=true --threshold=${threshold} /usr/lib/systemd/system/${unit.replace('Default', '')}`,
      );
  });

  it('serves without root and without a capability, and keeps what it writes to itself', async () => {
    const status = await run('cat /proc/$(pid esplanade.service)/status');
    expect(status).toMatch(/^CapEff:\t0+$/m);
    expect(status).toMatch(/^CapBnd:\t0+$/m);
    expect(await run('stat -c %U /proc/$(pid esplanade.service)')).toBe('esplanade');
    expect(await run('stat -c "%a %U" /var/lib/esplanade /var/lib/esplanade/data/secrets.key')).toBe(
      '700 esplanade\n600 esplanade',
    );
  });

  it('carries a policy to a peer that was configured by hand', async () => {
    await run(`api PATCH /security/ipsec '{"enabled": true}'`);
    await run(`api POST /security/ipsec/policies '${policy}' && answered`);
    const associations = JSON.parse(
      await run('api GET /security/ipsec/security-associations?policy_name=peer'),
    );
    expect(associations.num_records).toBe(2); // IKE SA and ESP SA
    const before = Number(await run('arrived icmp'));
    const sent = 5;
    await run(`ping -c ${sent} -i 0.2 10.77.0.2`);
    // What has arrived is in the file a moment later.
    await run(`until [ "$(arrived esp)" -ge ${sent} ]; do sleep 0.2; done`);
    expect(Number(await run('arrived icmp'))).toBe(before);
  });

  it('lets nothing out in clear at boot, from before there is a network until the policies are loaded', async () => {
    await run('sleep 1.2'); // the file of the blocks is at most a second behind
    await machine.reboot();
    const actives = await run(
      'systemctl show --value --property ActiveEnterTimestampMonotonic esplanade-guard@Default.service network-pre.target cable.service',
    );
    const times = actives
      .split('\n')
      .filter((line) => line !== '')
      .map(Number);
    expect(times.toSorted((a, b) => a - b)).toEqual(times);
    await run('ready && answered');
    expect(await run('arrived icmp')).toBe('0');
    expect(Number(await run('arrived esp'))).toBeGreaterThan(0);
    expect(await run('systemctl is-active strongswan.service || true')).toBe('inactive');
    expect(await run('systemctl stop pinging.service && systemctl --failed --plain --no-legend')).toBe('');
  });

  it('lets nothing out in clear when the guard and charon are restarted in one command', async () => {
    await run(`
      ping -n -i 0.05 10.77.0.2 >/dev/null & flow=$!
      systemctl restart esplanade-guard@Default.service esplanade-charon@Default.service
      ready && answered
      kill $flow
    `);
    expect(await run('arrived icmp')).toBe('0');
  });

  it('keeps policies and SAs over an upgrade while packets flow, and says which settings are of the former version', async () => {
    const state = `
      api GET '/security/ipsec/policies?fields=*'
      pid esplanade-guard@Default.service
      pid esplanade-charon@Default.service
    `;
    const before = await run(state);
    const sas = (await run('spis')).trim().split(' ');
    expect(sas.length).toBeGreaterThan(1);
    const server = await run('pid esplanade.service');
    await run('echo "# as if of another version" >>/run/esplanade/charon/Default.guard.conf');
    const said = await run(`
      ping -n -i 0.2 10.77.0.2 >/run/flow & flow=$!
      dpkg --force-unsafe-io -i /run/exchange/2.deb 2>&1 && ready
      kill -INT $flow && wait $flow
      tail -n 2 /run/flow
    `);
    expect(said).toContain('in clear):  systemctl restart esplanade-guard@Default.service\n');
    const [, sent, received] = /^(\d+) packets transmitted, (\d+) received/m.exec(said) ?? [];
    // The last one may have been on its way when ping was told to end.
    expect(Number(sent) - Number(received)).toBeLessThanOrEqual(1);
    expect(Number(received)).toBeGreaterThan(10);
    expect(await run(state)).toBe(before);
    // The peer may have begun one more meanwhile.
    expect((await run('spis')).trim().split(' ')).toEqual(expect.arrayContaining(sas));
    expect(await run('pid esplanade.service')).not.toBe(server);
    expect(await run('arrived icmp')).toBe('0');
    expect(await run('dpkg-query -W esplanade')).toMatch(/-2$/);
  });

  it('runs the daemons of another IPspace in the namespace of its name', async () => {
    await run(`ip netns add blue && api POST /network/ipspaces '{"name": "blue"}'`);
    await run('systemctl --quiet enable --now esplanade-charon@blue.service');
    await run(`says '"ipspace":"blue","ready":true'`);
    expect(
      await run(
        'systemctl is-active esplanade-guard@blue.service && systemctl is-enabled esplanade-guard@blue.service',
      ),
    ).toBe('active\nenabled');
    const setting = 'cat /proc/sys/net/core/xfrm_acq_expires';
    const settings = `ip netns add other && for name in blue other; do ip netns exec $name ${setting}; done`;
    expect(await run(settings)).toBe('5\n30');
    const namespaces =
      'for unit in guard charon; do ip netns identify $(pid esplanade-$unit@blue.service); done';
    expect(await run(namespaces)).toBe('blue\nblue');
  });

  it('runs a kernel reader for those who ask for one', async () => {
    await run('systemctl --quiet enable --now esplanade-kernel-reader@Default.service');
    await run('until [ -S /run/esplanade/vici/Default.kernel.sock ]; do sleep 0.2; done');
    expect(await run('cat /proc/$(pid esplanade-kernel-reader@Default.service)/status')).toMatch(
      /^CapEff:\t0000000000001000$/m,
    );
  });

  it('takes its sealing keys from the credentials of systemd, and new ones there at a restart', async () => {
    const stored = '/etc/credstore/esplanade.secrets.key';
    const own = '/var/lib/esplanade/data/secrets.key';
    const spis = await run('spis');
    await run(`
      umask 077 && mkdir -p /etc/credstore && esplanade key rotate --filter <${own} >${stored} && rm ${own}
      systemctl restart esplanade.service && ready
    `);
    const former = /^[0-9a-f]{8} {2}nothing is sealed with it$/m;
    expect(
      await run('until esplanade key status | tee /dev/stderr | grep nothing; do sleep 0.5; done'),
    ).toMatch(former);
    expect(await run('spis')).toBe(spis);
    expect(await run('esplanade backup /var/lib/esplanade/backup')).toContain('Its audit log is whole');
    await run(`
      rm /var/lib/esplanade/backup
      install -o esplanade -g esplanade -m 600 ${stored} ${own} && rm ${stored}
    `);
  });

  it('answers root with what the service has', async () => {
    await run('systemctl stop esplanade.service');
    const told = await run('esplanade admin reset-password');
    expect(told).toContain('/var/lib/esplanade/data/admin-password');
    expect(await run('find /var/lib/esplanade ! -user esplanade')).toBe('');
    await run('systemctl start esplanade.service && ready && api GET /cluster');
  });

  it('says that protection ends when it is removed, and keeps its data', async () => {
    const said = await run('dpkg -r esplanade 2>&1');
    expect(said).toContain('nothing protects or blocks the traffic of Default any more');
    expect(await run('ip xfrm state; ip xfrm policy; ip -n blue xfrm policy')).toBe('');
    await run('test -e /var/lib/esplanade/data/secrets.key');
    await run('systemctl start strongswan.service && systemctl is-active strongswan.service');
  });

  it('leaves a charon of the host alone that has got connections since, and says how to change over', async () => {
    await run(`
      printf 'connections { own { remote_addrs = 192.0.2.9\\n children { own { } } } }' >/etc/swanctl/conf.d/own.conf
      swanctl --load-conns
    `);
    const said = await run('dpkg --force-unsafe-io -i /run/exchange/2.deb 2>&1');
    expect(said).toContain("this host's own IPsec is in use and stays");
    const units = 'strongswan.service esplanade-charon@Default.service esplanade-guard@Default.service';
    expect(await run(`systemctl is-active ${units} || true`)).toBe('active\ninactive\ninactive');
    expect(await run('swanctl --list-conns')).toContain('own: ');
  });

  it('leaves nothing of its own, and what is not its own, when it is purged', async () => {
    const own = 'src 192.0.2.8 dst 192.0.2.9 dir out';
    await run(`ip xfrm policy add ${own} && dpkg -P esplanade && ip xfrm policy get ${own}`);
    const foreign = '-path /proc -o -path /sys -o -path /usr/lib/modules -o -path /run/exchange';
    expect(await run(`find / \\( ${foreign} \\) -prune -o -iname '*esplanade*' -print`)).toBe('');
    expect(await run('find / -xdev \\( -nouser -o -nogroup \\)')).toBe('');
    expect(await run('getent passwd esplanade || getent group esplanade || true')).toBe('');
    expect(await run('systemctl list-units --all --plain --no-legend "esplanade*"')).toBe('');
    expect(await run('aa-status | grep esplanade || true')).toBe('');
  });
});
