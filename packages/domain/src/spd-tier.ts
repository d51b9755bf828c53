import { addressBits } from './ip-address.ts';
import { compareAge, type IpsecPolicy, type PolicyUuid } from './policy.ts';
import { prefixOf } from './prefix.ts';
import { priorityOf } from './priority.ts';
import { matchesPacket, type Packet, selectorKey, type TrafficSelector } from './traffic-selector.ts';

/** A policy that is in the SPD, loaded or not, and why not. */
export interface Standing {
  readonly policy: IpsecPolicy;
  readonly place: 'loaded' | 'disabled' | { readonly shadowedBy: PolicyUuid };
}

/**
 * The policies of one priority. Their prefixes have the same two lengths and they name the same of protocol and ports,
 * so only one selector among them can match a packet: it is looked up, whatever their number.
 */
export class SpdTier {
  readonly priority: number;
  /** Any selector of the tier: it shows the lengths, and what is named. */
  readonly #form: TrafficSelector;
  /** By selector, the oldest first. Never holds an empty group. */
  readonly #groups = new Map<string, readonly IpsecPolicy[]>();
  #inOrder: readonly Standing[] | undefined;

  constructor(form: TrafficSelector) {
    this.#form = form;
    this.priority = priorityOf(form);
  }

  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }

  /** The policies of a selector, the oldest first. */
  group(selector: TrafficSelector): readonly IpsecPolicy[] {
    return this.#groups.get(selectorKey(selector)) ?? [];
  }

  /** Puts others, the oldest first, in the place of the policies of a selector. */
  replaceGroup(selector: TrafficSelector, group: readonly IpsecPolicy[]): void {
    if (group.length === 0) this.#groups.delete(selectorKey(selector));
    else this.#groups.set(selectorKey(selector), group);
    this.#inOrder = undefined;
  }

  /** The one loaded policy that matches the packet, if any does. */
  match(packet: Packet): IpsecPolicy | undefined {
    const selector = narrowestFor(packet, this.#form);
    const policy = selector === undefined ? undefined : loadedOf(this.group(selector));
    return policy !== undefined && matchesPacket(policy.selector, packet) ? policy : undefined;
  }

  /** All policies, the oldest first; sorted once and kept until something changes. */
  inOrder(): readonly Standing[] {
    this.#inOrder ??= [...this.#groups.values()]
      .flatMap(standings)
      .sort((a, b) => compareAge(a.policy, b.policy));
    return this.#inOrder;
  }
}

/** The one of the policies of a selector that is loaded: the oldest enabled. */
export function loadedOf(group: readonly IpsecPolicy[]): IpsecPolicy | undefined {
  return group.find(({ enabled }) => enabled);
}

function standings(group: readonly IpsecPolicy[]): readonly Standing[] {
  const loaded = loadedOf(group);
  return group.map((policy): Standing => {
    if (policy === loaded) return { policy, place: 'loaded' };
    if (!policy.enabled || loaded === undefined) return { policy, place: 'disabled' };
    return { policy, place: { shadowedBy: loaded.uuid } };
  });
}

/** The one selector of a form that the packet can match, if it can match any. */
function narrowestFor(packet: Packet, form: TrafficSelector): TrafficSelector | undefined {
  const { localAddress, remoteAddress, protocol, localPort = 0, remotePort = 0 } = packet;
  const { family } = localAddress;
  if (Math.max(form.local.length, form.remote.length) > addressBits(family)) return undefined;
  return {
    family,
    local: prefixOf(localAddress, form.local.length),
    remote: prefixOf(remoteAddress, form.remote.length),
    protocol: form.protocol === 0 ? 0 : protocol,
    localPort: form.localPort === 0 ? 0 : localPort,
    remotePort: form.remotePort === 0 ? 0 : remotePort,
  };
}
