import { describe, expect, it } from 'vitest';
import { elementsOf, fitness, knownPath, placeOf } from './privilege-path.ts';

const uuid = '1f0cbd2e-6ed6-4ff3-9b2f-8c1f86d4f001';
const resources = [
  { path: '/security/roles' },
  { path: '/security/roles/{owner.uuid}/{name}/privileges' },
  { path: '/security/certificates' },
  { path: '/security/certificates/{uuid}/sign' },
];

/** Which of the paths decides for a place. */
function decides(place: readonly string[], ...paths: readonly string[]): string | undefined {
  const fits = paths.flatMap((path) => {
    const fit = fitness(elementsOf(path), place);
    return fit === undefined ? [] : [{ path, fit }];
  });
  return fits.sort((a, b) => b.fit - a.fit)[0]?.path;
}

describe('the path of a privilege', () => {
  it.each([
    ['/api', '/api'],
    ['/api/', '/api'],
    ['/api/security', '/api/security'],
    ['/api/security/certificates/*/sign', '/api/security/certificates/*/sign'],
    [`/api/security/certificates/${uuid.toUpperCase()}/sign`, `/api/security/certificates/${uuid}/sign`],
    [`/api/security/roles/${uuid}/Keeper/privileges`, `/api/security/roles/${uuid}/Keeper/privileges`],
    ['/metrics', '/metrics'],
  ])('%s is known as %s', (given, known) => {
    expect(knownPath(given, resources, ['/metrics'])).toBe(known);
  });

  it.each([
    '',
    '/',
    'api',
    '/security',
    '/ap',
    '/api/sec',
    '/api//security',
    '/api/security//',
    '/api/security/certificates/x',
    '/api/security/certificates/*',
    '/api/security/certificates/x/sign/more',
    `/api/security/roles/${uuid}/*/privileges`,
    '/api/security/roles/*/keeper/privileges',
    '/api/*',
    '/API',
    '/metrics/x',
  ])('%j is not known', (given) => {
    expect(knownPath(given, resources, ['/metrics'])).toBeUndefined();
  });

  it('decides where no longer one does, a key that it names before any', () => {
    const sign = { path: '/security/certificates/{uuid}/sign' };
    const wide = ['/api', '/api/security', '/api/security/certificates/*/sign'];
    const named = `/api/security/certificates/${uuid}/sign`;
    expect(decides(placeOf(sign, [uuid]), ...wide, named)).toBe(named);
    expect(decides(placeOf(sign, [uuid.toUpperCase()]), named, ...wide)).toBe(named);
    expect(decides(placeOf(sign, ['other']), ...wide, named)).toBe('/api/security/certificates/*/sign');
    expect(decides(placeOf(sign, ['*']), ...wide, named)).toBe('/api/security/certificates/*/sign');
    expect(decides(placeOf({ path: '/security/certificates' }), ...wide, named)).toBe('/api/security');
    expect(decides(placeOf({ path: '/svm/svms' }), ...wide, named)).toBe('/api');
    expect(decides(placeOf({ path: '/svm/svms' }), '/api/svm/svm', '/api/sv')).toBeUndefined();
    expect(decides(placeOf(sign), ...wide, named)).toBe('/api/security/certificates/*/sign');
  });
});
