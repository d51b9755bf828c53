import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { readKeyFile, SecretBox, verifyAudit } from '@esplanade/desired';
import type { LogMark } from '@esplanade/store';
import { openEmbeddedReader } from '@esplanade/store/embedded';
import { expect } from 'vitest';

/** Looks at the data of one server that was killed, time and again, and remembers where its audit log ended. */
export class AuditWitness {
  #mark: LogMark | undefined;

  /**
   * Fails if the database is damaged, or the audit log is not whole, or no longer holds what was its end before. Looks at
   * a copy. Resolves to the number of the log's last entry.
   */
  async look(dataDirectory: string): Promise<number> {
    const directory = await mkdtemp(join(tmpdir(), 'esplanade-copy-'));
    try {
      for (const name of ['store.db', 'store.db-wal', 'secrets.key'])
        await copyFile(join(dataDirectory, name), join(directory, name));
      const database = new DatabaseSync(join(directory, 'store.db'));
      expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
      const verdict = await verifyAudit({
        store: openEmbeddedReader(directory),
        secretBox: new SecretBox(await readKeyFile(join(directory, 'secrets.key'))),
        ...(this.#mark && { marks: [this.#mark] }),
      });
      database.close();
      if (verdict.kind === 'broken')
        throw new Error(`the audit log is broken at ${verdict.index}: ${verdict.sentence}`);
      const { last, link } = verdict.head;
      this.#mark = { index: last, link };
      return last;
    } finally {
      await rm(directory, { recursive: true });
    }
  }
}
