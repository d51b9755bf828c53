import { join } from 'node:path';
import type { DesiredState } from '@esplanade/desired';
import { systemClock } from '@esplanade/reconciler';
import type { Log } from '../log.ts';
import { doEvery } from '../periodic-work.ts';
import { AuditMirror } from './audit-mirror.ts';
import { mirrorPositionsFile, readMirrorPositions, writeMirrorPositions } from './mirror-positions.ts';
import { syslogSender } from './syslog-sender.ts';

/** How often it is written down how far the mirror is: what is sent again after a crash is of so many seconds at most. */
const keepMs = 10_000;

/** A mirror of the audit log that runs. */
export interface RunningMirror {
  readonly mirror: AuditMirror;
  /** Ends it, and keeps how far it is. */
  close(): Promise<void>;
}

/** Starts the mirror where the last server ended. */
export async function startMirror(
  desired: DesiredState,
  dataDirectory: string,
  log: Log,
): Promise<RunningMirror> {
  const path = join(dataDirectory, mirrorPositionsFile);
  const found = await readMirrorPositions(path);
  if (found === undefined)
    log.warn(`${path} is damaged: each destination of the audit log gets it again, from its beginning on`);
  let kept: ReadonlyMap<string, number> = found ?? new Map<string, number>();
  const mirror = new AuditMirror({
    desired,
    clock: systemClock,
    open: (destination, onBroken) => syslogSender(destination, () => trustedAuthorities(desired), onBroken),
    onNews: (kind, sentence) => log[kind === 'trouble' ? 'warn' : 'info'](sentence),
    positions: kept,
  });
  const keep = async (): Promise<void> => {
    const positions = mirror.positions();
    if (JSON.stringify([...positions]) === JSON.stringify([...kept])) return;
    try {
      await writeMirrorPositions(path, positions);
      kept = positions;
    } catch (error) {
      log.warn({ err: error }, 'it could not be written down how far the audit log has been sent');
    }
  };
  const keeping = doEvery(keepMs, keep);
  return {
    mirror,
    close: async () => {
      await keeping.close();
      await mirror.close();
      await keep();
    },
  };
}

/** Certificates (PEM) of the CAs that the cluster believes when they vouch for servers. */
export function trustedAuthorities(desired: Pick<DesiredState, 'snapshot'>): readonly string[] {
  return [...desired.snapshot().certificates.values()].flatMap(({ value: { type, scope, content } }) =>
    type === 'server_ca' && scope.kind === 'cluster' ? [content.pem] : [],
  );
}
