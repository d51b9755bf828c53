import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../support/command.ts';
import { downloadSettingsOfHost, mirrorOfHost } from '../support/strongswan/root.ts';

const cache = fileURLToPath(new URL('../../node_modules/.cache/esplanade-debian', import.meta.url));
const suite = 'bookworm';

/** A small Debian with systemd, what the package depends on, AppArmor as Debian has it, and tools to look with. */
const packages = [
  ...['apparmor', 'dbus', 'kmod', 'systemd-sysv'],
  ...['charon-systemd', 'strongswan-swanctl', 'iproute2'],
  ...['libstrongswan-extra-plugins', 'libstrongswan-standard-plugins'],
  ...['curl', 'iputils-ping', 'tcpdump'],
];

/** Runs orders from outside: a number on the console stands for a script in the shared directory. */
const agent = `#!/bin/sh
stty raw -echo
mkdir -p /run/exchange
mount -t hostfs -o "$(sed -n 's/.* exchange=\\([^ ]*\\).*/\\1/p' /proc/cmdline)" none /run/exchange
cd /root
echo ready
while read -r number; do
  timeout --kill-after 1 200 sh -eu "/run/exchange/$number.sh" >"/run/exchange/$number.out" 2>&1 </dev/null
  echo $? >"/run/exchange/$number.status"
  echo "done $number"
done
`;

const agentUnit = `[Unit]
DefaultDependencies=no
After=local-fs.target
[Service]
ExecStart=/usr/local/sbin/agent
StandardInput=tty-force
StandardOutput=tty
TTYPath=/dev/tty1
[Install]
WantedBy=sysinit.target
`;

/** Profiles that AppArmor would load for seconds and nobody here is confined by. */
const profiles = ['lsb_release', 'nvidia_modprobe', 'usr.bin.tcpdump', 'usr.lib.ipsec.lookip'];

/** The console is the agent's, and what only looks after a machine would make this one slow. */
const masked = [
  ...['getty@.service', 'getty-static.service', 'systemd-logind.service', 'e2scrub_reap.service'],
  ...[
    'apt-daily.timer',
    'apt-daily-upgrade.timer',
    'dpkg-db-backup.timer',
    'e2scrub_all.timer',
    'fstrim.timer',
  ],
];

/** The guest kernel's modules are those that its Debian package has put on this host. */
const fileSystems = `/dev/ubda / ext4 defaults 0 0
none /usr/lib/modules hostfs ro,/usr/lib/uml/modules 0 0
`;

/**
 * A disk image of Debian with systemd for user-mode Linux, to be written to through a copy-on-write file only. Made once,
 * in half a minute, of packages of the mirror that the host itself uses; to have newer packages, remove it. Needs root.
 */
export async function debianImage(): Promise<string> {
  const image = join(cache, `${suite}.ext4`);
  if (existsSync(image)) return image;
  await mkdir(cache, { recursive: true });
  const building = await mkdtemp(join(cache, '.building-'));
  try {
    const root = join(building, 'root');
    await bootstrap(building, root);
    await writeFile(join(root, 'usr/local/sbin/agent'), agent, { mode: 0o755 });
    await writeFile(join(root, 'etc/systemd/system/agent.service'), agentUnit);
    await writeFile(join(root, 'etc/fstab'), fileSystems);
    await mkdir(join(root, 'usr/lib/modules'), { recursive: true });
    await runCommand('chroot', [root, 'systemctl', '--quiet', 'enable', 'agent.service']);
    await runCommand('chroot', [root, 'systemctl', '--quiet', 'mask', ...masked]);
    for (const profile of profiles) await rm(join(root, 'etc/apparmor.d', profile), { force: true });
    const file = join(building, 'image');
    await runCommand('mke2fs', ['-q', '-t', 'ext4', '-O', '^has_journal', '-d', root, file, '1500M'], {
      timeoutMilliseconds: 60_000,
    });
    await rename(file, image);
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return image;
}

async function bootstrap(building: string, root: string): Promise<void> {
  const settings = join(building, 'apt.conf');
  await writeFile(settings, await downloadSettingsOfHost());
  const mirror = await mirrorOfHost();
  const what = [`--include=${packages.join(',')}`, suite, root, `deb ${mirror} ${suite} main`];
  await runCommand(
    'mmdebstrap',
    ['--quiet', '--mode=root', '--variant=minbase', `--aptopt=${settings}`, ...what],
    { timeoutMilliseconds: 400_000 },
  ).catch((error: unknown) => {
    throw new Error(
      `cannot get a Debian ${suite} from ${mirror}, which the tests of the package are run on. It is downloaded once, into ` +
        `${cache}: see that the machine reaches the mirror, and try again. (${error})`,
    );
  });
}
