/**
 * A shell script that gives a machine somebody to talk to, from boot on: the namespace `peer` at the other end of a
 * cable, with a stock strongSwan that was configured by hand, a capture of what arrives there, and somebody on our side
 * who pings it from the moment there is a network. As any network, it comes after network-pre.target.
 */
export const otherEnd = `
mkdir -p /etc/peer
cp /usr/sbin/swanctl /usr/local/sbin/peer-swanctl
cat >/etc/peer/strongswan.conf <<'TEXT'
charon-systemd {
  install_routes = no
  plugins { bypass-lan { load = no } vici { socket = unix:///run/charon.peer } }
}
TEXT
cat >/etc/peer/swanctl.conf <<'TEXT'
connections {
  ours {
    version = 2
    local_addrs = 10.77.0.2
    remote_addrs = 10.77.0.1
    proposals = aes256-sha384-ecp384
    local { auth = psk
      id = 10.77.0.2 }
    remote { auth = psk
      id = 10.77.0.1 }
    children { ours {
      mode = transport
      esp_proposals = aes256gcm16
      local_ts = 10.77.0.2/32
      remote_ts = 10.77.0.1/32
      start_action = trap
    } }
  }
}
secrets { ike-ours {
  id-a = 10.77.0.1
  id-b = 10.77.0.2
  secret = "the key that both ends of this trial know"
} }
TEXT
cat >/usr/local/sbin/lay-cable <<'TEXT'
#!/bin/sh -eux
ip netns add peer
ip link add cable type veth peer name cable netns peer
ip address add 10.77.0.1/24 dev cable
ip -n peer address add 10.77.0.2/24 dev cable
tc qdisc add dev cable root netem delay 3ms
tc -n peer qdisc add dev cable root netem delay 3ms
ip -n peer link set lo up
ip -n peer link set cable up
ip link set cable up
TEXT
chmod +x /usr/local/sbin/lay-cable
cat >/etc/systemd/system/cable.service <<'TEXT'
[Unit]
DefaultDependencies=no
Wants=network-pre.target
After=network-pre.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/lay-cable
[Install]
WantedBy=sysinit.target
TEXT
cat >/etc/systemd/system/capture.service <<'TEXT'
[Unit]
DefaultDependencies=no
Requires=cable.service
After=cable.service
[Service]
NetworkNamespacePath=/run/netns/peer
ExecStart=/usr/bin/tcpdump -Z root --immediate-mode -U -n -Q in -i cable -w /run/peer.pcap
[Install]
WantedBy=sysinit.target
TEXT
cat >/etc/systemd/system/pinging.service <<'TEXT'
[Unit]
DefaultDependencies=no
Requires=cable.service
After=cable.service capture.service
StartLimitIntervalSec=0
[Service]
ExecStart=/usr/bin/ping -n -i 0.2 10.77.0.2
StandardOutput=null
Restart=always
RestartSec=0.2
[Install]
WantedBy=sysinit.target
TEXT
cat >/etc/systemd/system/peer.service <<'TEXT'
[Unit]
Requires=cable.service
After=cable.service
[Service]
Type=notify
Environment=STRONGSWAN_CONF=/etc/peer/strongswan.conf
NetworkNamespacePath=/run/netns/peer
ExecStart=/usr/sbin/charon-systemd
ExecStartPost=/usr/local/sbin/peer-swanctl --load-all --file /etc/peer/swanctl.conf --uri unix:///run/charon.peer
[Install]
WantedBy=multi-user.target
TEXT
systemctl daemon-reload
systemctl --quiet enable cable.service capture.service peer.service pinging.service
systemctl start cable.service capture.service peer.service
`;
