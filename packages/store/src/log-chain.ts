import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { LogEntry, LogHead } from './store.ts';

/** The key of a log, made ready: with its bytes each HMAC would take ten times as long. */
export type LinkKey = KeyObject;

/** Makes the key of a log ready. */
export function readyLinkKey(bytes: Uint8Array): LinkKey {
  return createSecretKey(bytes);
}

/**
 * The chain of a log: `link(n) = HMAC-SHA-256(key, "link" ‖ link(n-1) ‖ n ‖ entry)`, from a first link that the log's name
 * gives. Whoever has not the key can neither change, remove, insert nor reorder an entry. The seal of the head is an HMAC over
 * where the log begins and ends, so that it cannot be cut off either.
 */
export function linkAfter(linkKey: LinkKey, previous: Uint8Array, index: number, entry: string): Uint8Array {
  return hmac(linkKey, 'link').update(previous).update(integer(index)).update(entry, 'utf8').digest();
}

/** The link before the first entry of a log. */
export function firstBase(linkKey: LinkKey, log: string): Uint8Array {
  return hmac(linkKey, 'base').update(log, 'utf8').digest();
}

/** The seal of a head of this log. */
export function sealOf(linkKey: LinkKey, log: string, head: Omit<LogHead, 'seal'>): Uint8Array {
  return hmac(linkKey, 'head')
    .update(integer(head.first))
    .update(head.base)
    .update(integer(head.last))
    .update(head.link)
    .update(integer(head.bytes))
    .update(log, 'utf8')
    .digest();
}

/** Whether the head was sealed for this log with this key. */
export function isSealed(linkKey: LinkKey, log: string, head: LogHead): boolean {
  return isSame(sealOf(linkKey, log, head), head.seal);
}

/** Whether the entry follows one with the link `previous`. */
export function isLinked(linkKey: LinkKey, previous: Uint8Array, { index, entry, link }: LogEntry): boolean {
  return isSame(linkAfter(linkKey, previous, index, entry), link);
}

/** Compares in constant time. */
export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** What is signed begins with four letters of what it is for, so that no link is ever a seal. */
function hmac(linkKey: LinkKey, purpose: 'base' | 'link' | 'head') {
  return createHmac('sha256', linkKey).update(purpose);
}

/** 8 bytes, most significant first. */
function integer(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}
