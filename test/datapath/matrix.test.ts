import { describe, expect, it } from 'vitest';
import {
  allowedScenarios,
  campaignScenarios,
  factors,
  pairsOf,
  shownBy,
  tellingScenarios,
  valuesOf,
} from './matrix.ts';

const sorted = (items: readonly string[]): readonly string[] => [...new Set(items)].sort();

describe('the scenario matrix', () => {
  const allowed = allowedScenarios();
  const campaign = campaignScenarios();

  it('has every pair of values that may occur together, and everybody who may prove anything to anybody', () => {
    expect(sorted(campaign.flatMap(shownBy))).toEqual(sorted(allowed.flatMap(shownBy)));
  });

  it('forbids few pairs, each by a rule that is written down', () => {
    const all = Object.entries(factors).flatMap(([one, values], index) =>
      Object.entries(factors)
        .slice(index + 1)
        .flatMap(([other, others]) =>
          values.flatMap((value) => others.map((another) => `${one}=${value} ${other}=${another}`)),
        ),
    );
    const possible = new Set(allowed.flatMap(pairsOf));
    const impossible = all.filter((pair) => !possible.has(pair));
    const [suites, authentications, identities] = [2, 3, 8];
    const negotiated = suites + authentications + identities;
    const portless = 3;
    const ofTwoHosts = 1 + 1 + 5;
    const [patternsByKey, namelessCertificates] = [2 * 2, 2 * 2];
    expect(impossible).toHaveLength(
      1 + portless + 2 * negotiated + ofTwoHosts + patternsByKey + namelessCertificates,
    );
    expect(impossible).toContain('action=esp_udp family=ipv6');
    expect(impossible).toContain('remote=anywhere traffic=icmp');
    expect(impossible).toContain('action=discard identity=fqdn');
  });

  it('has only what is allowed, and nothing twice', () => {
    const names = campaign.map((row) => valuesOf(row).join(' '));
    const possible = new Set(allowed.map((row) => valuesOf(row).join(' ')));
    expect(names.filter((name) => !possible.has(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
    expect(campaign.length).toBeLessThan(130);
  });

  it('has a share in which every value occurs', () => {
    const telling = tellingScenarios();
    expect(sorted(telling.flatMap(valuesOf))).toEqual(sorted(allowed.flatMap(valuesOf)));
    expect(telling.length).toBeLessThanOrEqual(16);
    for (const row of telling) expect(campaign).toContainEqual(row);
  });
});
