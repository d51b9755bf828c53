import type { AuditDestination, DesiredState } from '@esplanade/desired';
import type { Clock } from '@esplanade/reconciler';
import { MirrorFeed } from './mirror-feed.ts';
import type { SyslogSender } from './syslog-sender.ts';

/** What the mirror reads, where it sends it, and whom it tells of losses. */
export interface AuditMirrorOptions {
  readonly desired: Pick<DesiredState, 'snapshot' | 'subscribe' | 'readAudit' | 'auditHead'>;
  readonly clock: Clock;
  readonly open: (destination: AuditDestination, onBroken: () => void) => SyslogSender;
  readonly onNews: (kind: 'trouble' | 'mended', sentence: string) => void;
  /** Up to which entry each destination had the log when the last server wrote it down, as far as that is known. */
  readonly positions: ReadonlyMap<string, number>;
}

/**
 * Sends each entry of the audit log to all destinations. It follows the log itself and keeps nothing of it, so a receiver that is
 * away takes neither memory nor time of a request: it gets the entries when it is back, unless they were trimmed meanwhile.
 */
export class AuditMirror {
  readonly #options: AuditMirrorOptions;
  readonly #feeds = new Map<string, MirrorFeed>();
  readonly #unsubscribe: () => void;

  constructor(options: AuditMirrorOptions) {
    this.#options = options;
    const { positions } = options;
    this.#follow((name) => positions.get(name));
    this.#unsubscribe = options.desired.subscribe(() => this.#follow(() => undefined));
  }

  /** There is a new entry. */
  wake(): void {
    for (const feed of this.#feeds.values()) feed.wake();
  }

  /** Entries that were trimmed before a destination had them. */
  losses(): ReadonlyMap<string, number> {
    return new Map([...this.#feeds].map(([name, feed]) => [name, feed.lost]));
  }

  /** Up to which entry each destination has the log. */
  positions(): ReadonlyMap<string, number> {
    return new Map([...this.#feeds].map(([name, { position }]) => [name, position]));
  }

  async close(): Promise<void> {
    this.#unsubscribe();
    await Promise.all([...this.#feeds.values()].map((feed) => feed.close()));
  }

  #follow(positionOf: (name: string) => number | undefined): void {
    const { desired, clock, open, onNews } = this.#options;
    const { auditSettings } = desired.snapshot();
    const wanted = new Map(auditSettings.value.destinations.map((each) => [destinationName(each), each]));
    const former = new Map<string, number>();
    for (const [name, feed] of this.#feeds)
      if (!isSame(feed.destination, wanted.get(name))) {
        // Under another facility it gets on where it was.
        former.set(name, feed.position);
        this.#feeds.delete(name);
        void feed.close();
      }
    for (const [name, destination] of wanted) {
      if (this.#feeds.has(name)) continue;
      const nodeName = (): string => desired.snapshot().node.name;
      const feed = new MirrorFeed({
        nodeName,
        desired,
        clock,
        open,
        onNews,
        destination,
        name,
        // What is known of a former destination at the same place says nothing of the time before this one.
        position: Math.max(former.get(name) ?? positionOf(name) ?? 0, destination.after),
      });
      this.#feeds.set(name, feed);
    }
  }
}

/** What tells a destination from the others, for people too. */
export function destinationName({ address, port }: Pick<AuditDestination, 'address' | 'port'>): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function isSame(a: AuditDestination, b: AuditDestination | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
