import { issueAuthority, issueHost } from '@esplanade/domain/testing/certificates';
import { describe, expect, it } from 'vitest';
import { entryFingerprint } from '../entry-fingerprint.ts';
import { compilationOf } from './compilation.ts';
import { compileEntry } from './connection-mapping.ts';
import { certificateEntry } from './testing/certificate-entries.ts';
import { entry, settings } from './testing/entries.ts';

const root = issueAuthority('/O=Lighthouses/CN=Root');
const shown = issueHost({ subject: '/O=Lighthouses/CN=ours', issuer: root });

describe('an entry', () => {
  it('is compiled', () => {
    expect(compilationOf(entry(1), settings, 1)).toEqual({ compiled: compileEntry(entry(1), settings, 1) });
  });

  it('without the credentials that it takes keeps all its traffic back, and is not taken for itself', () => {
    const { credentials: _, ...incomplete } = certificateEntry(1, { shown, believed: [root] });
    const { compiled, failure } = compilationOf(incomplete, settings, 1);
    expect(failure?.message).toMatch(/protects without authentication/);
    expect(compiled.child).toMatchObject({ mode: 'drop' });
    expect(compiled.block).toBeDefined();
    expect(compiled.negotiation).toBeUndefined();
    expect(compiled.fingerprint).not.toBe(entryFingerprint(incomplete, settings));
  });
});
