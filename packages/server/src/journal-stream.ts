import { fstatSync } from 'node:fs';

/**
 * Whether standard error goes to the journal of systemd, which keeps it and shows it to others. `journalStream` is the
 * variable JOURNAL_STREAM (systemd.exec(5)): the device and inode of that stream, which programs started from a service
 * inherit although their own standard error may be a terminal or a file.
 */
export function isStandardErrorJournal(journalStream: string | undefined): boolean {
  const { dev, ino } = fstatSync(2);
  return journalStream === `${dev}:${ino}`;
}
