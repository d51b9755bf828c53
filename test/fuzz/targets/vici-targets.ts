import {
  decodeMessage,
  decodePacket,
  encodeMessage,
  encodePacket,
  Message,
  type Packet,
  ViciClient,
  ViciError,
  ViciProtocolError,
} from '@esplanade/vici';
import { type DaemonConnection, ScriptedDaemon } from '@esplanade/vici/testing';
import type { FuzzTarget } from '../guided/fuzz-target.ts';
import type { TargetFamily } from './index.ts';

const associations = Message.from({
  nfs: {
    uniqueid: '7',
    version: '2',
    state: 'ESTABLISHED',
    'local-host': '10.9.0.1',
    'initiator-spi': '0123456789abcdef',
    'child-sas': {
      'nfs-1': {
        spi: 'c1',
        'local-ts': ['10.9.0.1/32[tcp/2049]', '10.9.0.3/32'],
        'bytes-in': '18446744073709551615',
      },
    },
  },
});
const good: readonly Message[] = [
  new Message([]),
  Message.from({ success: 'yes' }),
  Message.from({ success: 'no', errmsg: 'loading connection failed: unknown option', list: [] }),
  Message.from({ a: { b: { c: { d: { e: 'deep' } } } } }),
  associations,
  Message.from(Object.fromEntries(Array.from({ length: 80 }, (_, index) => [`sa-${index}`, associations]))),
];
const words = [
  [0],
  [1, 1, 0x61],
  [2],
  [3, 1, 0x61, 0, 1, 0x62],
  [4, 1, 0x61],
  [5, 0, 0],
  [6],
  [0xff],
  [0xff, 0xff],
].map((bytes) => Uint8Array.from(bytes));
/** Shorter than charon's longest: what costs too much is seen at this length too. */
const mostBytes = 65_536;

/** The decoder of messages: what it takes encodes to what decodes to the same. */
const message: FuzzTarget = {
  name: 'vici-message',
  seeds: good.map(encodeMessage),
  words,
  mostBytes,
  run: (input) =>
    reading(() => {
      const read = decodeMessage(input);
      if (hasLongName(read)) return;
      const again = decodeMessage(encodeMessage(read));
      if (Buffer.compare(encodeMessage(again), encodeMessage(read)) !== 0)
        throw new Error('it encodes to something else');
      lookAround(read, 0);
    }),
};

/** The decoder of packets. */
const packet: FuzzTarget = {
  name: 'vici-packet',
  seeds: packets().map(encodePacket),
  words,
  mostBytes,
  run: (input) =>
    reading(() => {
      const read = decodePacket(input);
      if ('name' in read && Buffer.byteLength(read.name) > 255) return;
      if ('message' in read && hasLongName(read.message)) return;
      decodePacket(encodePacket(read));
    }),
};

function packets(): readonly Packet[] {
  return [
    { kind: 'command-request', name: 'list-sas', message: Message.from({ ike: 'nfs' }) },
    ...good.map((message): Packet => ({ kind: 'command-response', message })),
    { kind: 'command-unknown' },
    { kind: 'event-confirm' },
    { kind: 'event-unknown' },
    { kind: 'event', name: 'list-sa', message: associations },
  ];
}

function reading(read: () => void): string {
  try {
    read();
    return 'taken';
  } catch (error) {
    if (error instanceof ViciProtocolError) return 'refused';
    throw error;
  }
}

/** A name that was not UTF-8 grows by its U+FFFDs, and then has no encoding. */
function hasLongName({ entries }: Message): boolean {
  return entries.some(
    ([name, value]) => Buffer.byteLength(name) > 255 || (value instanceof Message && hasLongName(value)),
  );
}

/** Asks for each element as each kind, as the driver does. */
function lookAround(read: Message, depth: number): void {
  for (const [name] of read.entries.slice(0, 20))
    for (const ask of [
      () => read.text(name),
      () => read.yesNo(name),
      () => read.texts(name),
      () => read.section(name),
    ])
      reading(ask);
  if (depth < 3) for (const [, section] of sectionsOf(read)) lookAround(section, depth + 1);
}

function sectionsOf(read: Message): readonly (readonly [string, Message])[] {
  return read.entries.flatMap(([name, value]) => (value instanceof Message ? [[name, value] as const] : []));
}

const framed = (...payloads: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat(
    payloads.flatMap((payload) => {
      const header = Buffer.alloc(4);
      header.writeUInt32BE(payload.length);
      return [header, payload];
    }),
  );
const streamSeeds = (...names: readonly string[]): readonly Uint8Array[] =>
  names.flatMap((name) => {
    const event = encodePacket({ kind: 'event', name, message: associations });
    const reply = encodePacket({ kind: 'command-response', message: Message.from({ success: 'yes' }) });
    const confirm = encodePacket({ kind: 'event-confirm' });
    return [
      framed(event),
      framed(event, event, reply, confirm),
      framed(reply),
      framed(encodePacket({ kind: 'event-unknown' })),
      framed(...Array.from({ length: 40 }, () => event), reply, confirm),
      Uint8Array.of(0, 0, 0, 0),
      Uint8Array.of(0xff, 0xff, 0xff, 0xff),
      Uint8Array.of(0, 8, 0, 0, 1),
    ];
  });

/**
 * The decoders, and the client on a real socket whose daemon sends anything: it ends every time, with an error of its own
 * or none.
 */
export async function startViciTargets(): Promise<TargetFamily> {
  const daemon = await ScriptedDaemon.start();
  const exchange = async (
    use: (client: ViciClient) => Promise<void>,
    serve: (connection: DaemonConnection) => Promise<void>,
    input: Uint8Array,
  ): Promise<string> => {
    const client = new ViciClient({ path: daemon.path });
    const used = outcomeOf(use(client));
    const connection = await daemon.accept();
    await serve(connection);
    connection.socket.end(input);
    const word = await used;
    client.close();
    // It may be reset where the client did not want the rest.
    await Promise.allSettled([connection.closed]);
    return word;
  };
  const target = (name: string, event: string, run: FuzzTarget['run']): FuzzTarget => ({
    name,
    seeds: streamSeeds(event),
    words: [...words, Uint8Array.of(0, 0, 0), Uint8Array.of(0, 0, 0, 1), Uint8Array.of(7)],
    mostBytes,
    run,
  });
  const events = target('vici-events', 'ike-updown', (input) =>
    exchange(
      async (client) => {
        for await (const event of await client.events(['ike-updown']))
          if (event.kind === 'event') lookAround(event.message, 0);
      },
      async (connection) => {
        await connection.expect('event-register', 'ike-updown');
        connection.send({ kind: 'event-confirm' });
      },
      input,
    ),
  );
  const rows = target('vici-stream', 'list-sa', (input) =>
    exchange(
      async (client) => void (await client.list('list-sas', 'list-sa')),
      async (connection) => {
        await connection.expect('event-register', 'list-sa');
        connection.send({ kind: 'event-confirm' });
        await connection.expect('command-request', 'list-sas');
      },
      input,
    ),
  );
  return { targets: [message, packet, events, rows], close: () => daemon.stop() };
}

async function outcomeOf(used: Promise<void>): Promise<string> {
  try {
    await used;
    return 'ended';
  } catch (error) {
    if (error instanceof ViciError) return error.name;
    throw error;
  }
}
