import {
  draftOf,
  type IpsecPolicy,
  isPolicyUuid,
  type PolicyDraft,
  type PolicyParts,
  type PolicyUuid,
  validatePolicy,
} from '@esplanade/domain';
import type { Random } from './random.ts';
import { selectorPorts, worlds } from './random-world.ts';

const validation = {
  certificates: { owner: 'nobody', certificates: () => [] },
  fingerprint: () => 'the-one-key',
};
const secretKey = 'one key for every policy';

/**
 * Policies of one IPspace that change at random, each as valid as if a user had written it. Much of it happens on
 * purpose: overlaps, identical selectors, disabled policies, and changes of what is already there.
 */
export class RandomPolicies {
  readonly #random: Random;
  #policies: readonly IpsecPolicy[] = [];
  #created = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The next set: some policies have gone, some are changed, the rest are new. */
  next(): readonly IpsecPolicy[] {
    const staying = this.#policies.filter(() => this.#random.percent(60));
    const changed = staying.map((policy) => (this.#random.percent(30) ? this.#changed(policy) : policy));
    const count = this.#random.integer(5, 60);
    while (changed.length < count) changed.push(this.#newcomer(changed));
    this.#policies = changed;
    return changed;
  }

  #newcomer(others: readonly IpsecPolicy[]): IpsecPolicy {
    const isTwin = others.length > 0 && this.#random.percent(15);
    const selector = isTwin ? selectorOf(draftOf(this.#random.pick(others))) : {};
    const parts = this.#valid(() => ({ ...this.#draft(), ...selector }));
    this.#created += 1;
    return {
      ...parts,
      name: `policy-${this.#created}`,
      uuid: uuid(this.#created),
      scope: { kind: 'cluster' },
      ipspace: { uuid: 'ipspace-1', name: 'Default' },
      createdRevision: this.#created,
    };
  }

  /** As a PATCH does it: some fields written over what is there. */
  #changed(policy: IpsecPolicy): IpsecPolicy {
    const parts = this.#valid(() => {
      const { name, ...fields } = this.#draft();
      const kept = Object.entries(fields).filter(() => this.#random.percent(40));
      return { ...draftOf(policy), ...Object.fromEntries(kept), secretKey };
    });
    return { ...policy, ...parts };
  }

  #valid(draft: () => PolicyDraft): PolicyParts {
    for (;;) {
      const parsed = validatePolicy(draft(), validation);
      if (parsed.kind === 'valid') return parsed.value;
    }
  }

  #draft(): PolicyDraft {
    const random = this.#random;
    const family = random.pick(['ipv4', 'ipv6'] as const);
    const world = worlds[family];
    const port = (): string => (random.percent(60) ? '0' : String(random.pick(selectorPorts)));
    const isWildcard = random.percent(12);
    return {
      name: 'policy',
      enabled: random.percent(85),
      action: random.pick([
        'esp_transport',
        'esp_transport',
        'esp_transport',
        'esp_udp',
        'bypass',
        'discard',
      ]),
      localEndpoint: {
        address: random.pick(world.locals),
        netmask: String(random.pick(world.localLengths)),
        port: port(),
      },
      remoteEndpoint: {
        address: isWildcard ? world.wildcard : random.pick(world.remotes),
        netmask: isWildcard ? '0' : String(random.pick(world.remoteLengths)),
        port: port(),
      },
      protocol: random.pick(['any', 'any', 'any', 'tcp', 'udp', 'icmp', '58', '47', '132', '136']),
      cipherSuite: random.pick(['suite_aescbc', 'suiteb_gcm256']),
      secretKey,
    };
  }
}

function selectorOf({ localEndpoint, remoteEndpoint, protocol }: PolicyDraft): PolicyDraft {
  return {
    ...(localEndpoint && { localEndpoint }),
    ...(remoteEndpoint && { remoteEndpoint }),
    ...(protocol && { protocol }),
  };
}

function uuid(n: number): PolicyUuid {
  const text = `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
  if (!isPolicyUuid(text)) throw new Error(`not a uuid: ${text}`);
  return text;
}
