import { CertificateChangedError } from '@esplanade/sdk/node';
import { expect, it } from 'vitest';
import { exitStatus } from '../exit-status.ts';
import { explained } from './explaining-transport.ts';

const url = new URL('https://cluster1');

it('shows a changed certificate below the known one, digit under digit, in 80 columns, and the line that trusts it', () => {
  const [known, shown] = ['AB:'.repeat(31).concat('AB'), 'CD:'.repeat(31).concat('CD')];
  const date = new Date();
  const certificate = {
    subject: 'CN=harbour',
    issuer: 'CN=harbour',
    names: [],
    validFrom: date,
    validTo: date,
    fingerprint: shown,
  };
  const error = new CertificateChangedError('cluster1', certificate, known);
  expect(explained(error, { url, profile: 'lab' })).toMatchObject({
    status: exitStatus.notReached,
    message: [
      'The certificate of cluster1 has CHANGED. Either it was renewed, or somebody else answers in its place; nothing was sent.',
      `  Known so far  ${'AB:'.repeat(16)}`,
      `                ${'AB:'.repeat(15)}AB`,
      `  Shown now     ${'CD:'.repeat(16)}`,
      `                ${'CD:'.repeat(15)}CD`,
      'Ask whoever runs the server. If it is right:',
      '  esplanade login https://cluster1 -profile lab \\',
      `  -fingerprint ${'CD'.repeat(32)}`,
    ].join('\n'),
  });
});
