#!/usr/bin/python3
"""Shows what the kernel does with single packets. Started by packet-oracle.ts, which says what goes in and out.

It owns the other end of the namespace's only cable, a TUN device, so it sees what leaves in clear and can let anything
arrive, both inside one system call. Acquires are read from the kernel itself. charon and its guard are expected to be
stopped (SIGSTOP): their IKE sockets are borrowed for packets of IKE, and what the kernel has asked of them meanwhile
can be taken from their queues, so that they do not begin to negotiate when they go on.
"""
import ctypes
import errno
import fcntl
import json
import os
import socket
import struct
import sys

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
NETLINK_XFRM, XFRM_MSG_ACQUIRE, XFRM_MSG_FLUSHSA, XFRMGRP_ACQUIRE = 6, 0x17, 0x1C, 1
NLM_F_REQUEST, NLM_F_ACK, NLMSG_ERROR = 1, 4, 2
XFRMA_TMPL = 5
SYS_PIDFD_GETFD = 438
IP_PKTINFO = 8
TCP, UDP, ICMP, UDPLITE, ICMPV6 = 6, 17, 1, 136, 58
WITH_PORTS = (TCP, UDP, UDPLITE, 132, 33)
IKE_PORTS = (500, 4500)
FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}

libc = ctypes.CDLL(None, use_errno=True)


def open_tun(name):
    tun = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack('16sH22x', name.encode(), IFF_TUN | IFF_NO_PI))
    return tun


def pending(read):
    """Everything that can be read at once."""
    while True:
        try:
            yield read()
        except BlockingIOError:
            return


def pending_of(sock):
    return pending(lambda: sock.recv(65536, socket.MSG_DONTWAIT))


def borrowed_sockets(pid):
    """Sockets of another process, shared with it."""
    process = os.pidfd_open(pid)
    try:
        for fd in os.listdir(f'/proc/{pid}/fd'):
            if not os.readlink(f'/proc/{pid}/fd/{fd}').startswith('socket:'):
                continue
            ours = libc.syscall(SYS_PIDFD_GETFD, process, int(fd), 0)
            if ours < 0:
                raise OSError(ctypes.get_errno(), f'cannot borrow socket {fd} of {pid}')
            yield socket.socket(fileno=ours)
    finally:
        os.close(process)


def checksum(data):
    if len(data) % 2:
        data += b'\0'
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Packet:
    """One packet as ordered, with a payload nobody else sends. A payload beginning with zeroes is IKE's on port 4500."""

    def __init__(self, order, number):
        self.version = order['version']
        self.family = FAMILIES[self.version]
        self.source, self.destination = order['source'], order['destination']
        self.protocol = order['protocol']
        self.ports = (order.get('sourcePort', 0), order.get('destinationPort', 0))
        self.icmp_type = order.get('icmpType', 0)
        self.payload = struct.pack('!II', 0, number) + b'esplanade probe' + bytes(24)

    def addresses(self):
        return [socket.inet_pton(self.family, address) for address in (self.source, self.destination)]

    def head(self):
        """The first bytes after the IP header."""
        if self.protocol in (ICMP, ICMPV6):
            return struct.pack('!BB', self.icmp_type, 0)
        return struct.pack('!HH', *self.ports) if self.protocol in WITH_PORTS else self.payload

    def is_in(self, frame):
        """Whether the frame is this packet, in clear."""
        source, destination = self.addresses()
        if self.version == 4 and frame[0] >> 4 == 4:
            length = (frame[0] & 15) * 4
            found = (frame[9], frame[12:16], frame[16:20])
        elif self.version == 6 and frame[0] >> 4 == 6:
            length, found = 40, (frame[6], frame[8:24], frame[24:40])
        else:
            return False
        return found == (self.protocol, source, destination) and frame[length:].startswith(self.head())

    def frame(self):
        """The whole packet, as it arrives from elsewhere."""
        source, destination = self.addresses()
        body = self.body()
        pseudo = source + destination + struct.pack('!II', len(body), self.protocol)
        where = {TCP: 16, UDP: 6, UDPLITE: 6, ICMP: 2, ICMPV6: 2}.get(self.protocol)
        if where is not None:
            value = checksum(body if self.protocol == ICMP else pseudo + body)
            body = body[:where] + struct.pack('!H', value or 0xFFFF) + body[where + 2:]
        if self.version == 6:
            return struct.pack('!IHBB', 6 << 28, len(body), self.protocol, 255) + source + destination + body
        header = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(body), 1, 0, 64, self.protocol, 0) + source + destination
        return header[:10] + struct.pack('!H', checksum(header)) + header[12:] + body

    def body(self):
        if self.protocol == TCP:
            return self.head() + struct.pack('!IIBBHHH', 1, 0, 5 << 4, 2, 1024, 0, 0) + self.payload
        if self.protocol == UDP:
            return self.head() + struct.pack('!HH', 8 + len(self.payload), 0) + self.payload
        if self.protocol == UDPLITE:
            return self.head() + struct.pack('!HH', 0, 0) + self.payload
        if self.protocol in (ICMP, ICMPV6):
            return self.head() + bytes(6) + self.payload
        return self.payload if self.protocol not in WITH_PORTS else self.head() + bytes(8) + self.payload


class Acquires:
    """What the kernel asks of its key managers."""

    def __init__(self):
        self.events = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_XFRM)
        self.events.bind((0, XFRMGRP_ACQUIRE))
        self.requests = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_XFRM)
        self.requests.bind((0, 0))

    def forget(self):
        """Removes larval SAs, which keep the kernel from asking again, and what was asked so far."""
        self.requests.send(struct.pack('=IHHIIB3x', 20, XFRM_MSG_FLUSHSA, NLM_F_REQUEST | NLM_F_ACK, 1, 0, 0))
        kind, error = struct.unpack_from('=H10xi', self.requests.recv(4096), 4)
        if kind != NLMSG_ERROR or error != 0:
            raise OSError(-error, 'the kernel does not forget its SAs')
        for _ in pending_of(self.events):
            pass

    def read(self):
        return [acquire for data in pending_of(self.events) for acquire in self.parse(data)]

    def parse(self, data):
        offset = 0
        while offset < len(data):
            length, kind = struct.unpack_from('=IH', data, offset)
            if kind == XFRM_MSG_ACQUIRE:
                yield self.acquire(data[offset + 16:offset + length])
            offset += (length + 3) & ~3

    def acquire(self, body):
        """xfrm_user_acquire: the policy that asks begins at 96 with its selector, and at 280 the attributes."""
        selector = body[96:152]
        family, destination_length, source_length, protocol = struct.unpack_from('=HBBB', selector, 40)
        size = 4 if family == socket.AF_INET else 16

        def prefix(start, length):
            return f'{socket.inet_ntop(family, selector[start:start + size])}/{length}'

        def port(start):
            value, mask = struct.unpack_from('!HH', selector, start)
            return value & mask

        offset, reqid = 280, None
        while offset < len(body):
            length, kind = struct.unpack_from('=HH', body, offset)
            if kind == XFRMA_TMPL:
                reqid = struct.unpack_from('=I', body, offset + 4 + 44)[0]
            offset += (length + 3) & ~3
        return {
            'source': prefix(16, source_length),
            'destination': prefix(0, destination_length),
            'protocol': protocol,
            'sourcePort': port(36),
            'destinationPort': port(32),
            'priority': struct.unpack_from('=I', body, 248)[0],
            'reqid': reqid,
        }


class Oracle:
    def __init__(self, device):
        self.tun = open_tun(device)
        self.acquires = Acquires()
        self.counters = open('/proc/net/xfrm_stat', encoding='ascii')
        self.listeners = {}
        self.ike = {}
        self.numbers = 0

    def probe_all(self, orders, ike_pid):
        self.borrow_ike(ike_pid)
        try:
            return [self.probe(order) for order in orders]
        finally:
            self.return_ike()

    def probe(self, order):
        self.numbers += 1
        packet = Packet(order, self.numbers)
        self.acquires.forget()
        return self.leave(packet) if order['direction'] == 'out' else self.arrive(packet)

    def leave(self, packet):
        for _ in pending(lambda: os.read(self.tun, 65536)):
            pass
        error = None
        try:
            self.send(packet)
        except OSError as failure:
            error = errno.errorcode[failure.errno]
        passed = sum(packet.is_in(frame) for frame in pending(lambda: os.read(self.tun, 65536)))
        return {'error': error, 'passed': passed, 'acquires': self.acquires.read()}

    def send(self, packet):
        source, destination = (packet.source, packet.ports[0]), (packet.destination, packet.ports[1])
        if packet.protocol == UDP and packet.ports[0] in IKE_PORTS:
            self.send_ike(packet, destination)
        elif packet.protocol in (UDP, UDPLITE):
            with socket.socket(packet.family, socket.SOCK_DGRAM, packet.protocol) as sock:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                sock.bind(source)
                sock.sendto(packet.payload, destination)
        elif packet.protocol == TCP:
            with socket.socket(packet.family, socket.SOCK_STREAM) as sock:
                sock.setblocking(False)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                sock.bind(source)
                status = sock.connect_ex(destination)
                if status != errno.EINPROGRESS:
                    raise OSError(status, 'connect')
        elif packet.protocol in WITH_PORTS:
            raise ValueError('the kernel would not look for ports in what a raw socket sends')
        else:
            with socket.socket(packet.family, socket.SOCK_RAW, packet.protocol) as sock:
                sock.bind((packet.source, 0))
                body = packet.frame()[20 if packet.version == 4 else 40:]
                sock.sendto(body, (packet.destination, 0))

    def send_ike(self, packet, destination):
        source, _ = packet.addresses()
        if packet.version == 4:
            info = (socket.IPPROTO_IP, IP_PKTINFO, struct.pack('=I4s4x', 0, source))
        else:
            info = (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, struct.pack('=16sI', source, 0))
        self.ike[packet.version, packet.ports[0]].sendmsg([packet.payload], [info], 0, destination)

    def arrive(self, packet):
        is_ike = packet.protocol == UDP and packet.ports[1] in IKE_PORTS
        listener = self.ike[packet.version, packet.ports[1]] if is_ike else self.listener(packet)
        before = self.refusals()
        os.write(self.tun, packet.frame())
        arrived = sum(packet.payload in data for data in pending_of(listener))
        # Other sockets may have refused their copies of a packet of IKE.
        refused = [] if is_ike else [name for name, count in self.refusals().items() if count > before[name]]
        return {'arrived': arrived, 'refused': refused}

    def listener(self, packet):
        """A raw socket gets all of a protocol that the policies for what enters let through, listened for or not."""
        key = (packet.family, packet.protocol)
        if key not in self.listeners:
            self.listeners[key] = socket.socket(packet.family, socket.SOCK_RAW, packet.protocol)
        return self.listeners[key]

    def refusals(self):
        self.counters.seek(0)
        pairs = (line.split() for line in self.counters)
        return {name: int(count) for name, count in pairs if name.startswith('XfrmIn')}

    def borrow_ike(self, pid):
        versions = {family: version for version, family in FAMILIES.items()}
        for sock in borrowed_sockets(pid):
            if sock.family in versions and sock.type == socket.SOCK_DGRAM:
                self.ike[versions[sock.family], sock.getsockname()[1]] = sock

    def return_ike(self):
        """Lest another charon finds its ports taken."""
        for sock in self.ike.values():
            sock.close()
        self.ike = {}

    def silence(self, pids):
        """Takes from charons what the kernel has asked them."""
        self.acquires.forget()
        for pid in pids:
            for sock in borrowed_sockets(pid):
                with sock:
                    if sock.family == socket.AF_NETLINK and sock.proto == NETLINK_XFRM and sock.getsockname()[1]:
                        for _ in pending_of(sock):
                            pass


def main():
    oracle = Oracle(sys.argv[1])
    print('"ready"', flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        if 'silence' in order:
            answer = oracle.silence(order['silence'])
        else:
            answer = oracle.probe_all(order['probe'], order['ikePid'])
        print(json.dumps(answer), flush=True)


main()
