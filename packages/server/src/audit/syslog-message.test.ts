import { describe, expect, it } from 'vitest';
import { auditText, readAuditText } from './audit-entry.ts';
import { syslogMessage } from './syslog-message.ts';

const entry = (input: string, timestamp = '2026-11-22T00:12:01.120Z') =>
  auditText({ timestamp, application: 'http', state: 'success', input });
const messageOf = (text: string) =>
  syslogMessage({ index: 7, entry: text, link: new Uint8Array(32) }, 'user', 'node1');

describe('the text of an entry, and its message', () => {
  // What a terminal obeys, what breaks lines, what turns the order of letters around or has no width.
  const controls = '\u0000\u001b\u007f\u0085\u009b\u2028\u2029\u061c\u200b\u200f\u202e\u2066\ufeff\u{e0041}';

  it('has no character that does anything to who looks at it, and says which there were', () => {
    const text = entry(`ab${controls}é漢😀`);
    for (const shown of [text, messageOf(text)]) expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(text).toContain('é漢😀');
    expect(readAuditText(text).input).toBe(`ab${controls}é漢😀`);
  });

  it('has a time that a receiver can read, whatever the log has', () => {
    expect(messageOf(entry('x', '7 - -'))).toMatch(/^<13>1 1970-01-01T00:00:00.000Z node1 /);
  });
});
