import { ViciProtocolError } from './protocol-error.ts';

/** Longest payload charon takes or sends, in bytes. */
export const maxPayloadBytes = 512 * 1024;

const headerBytes = 4;

/** A payload behind its length (u32, big endian). Throws RangeError over 512 KiB, before charon would hang up on it. */
export function encodeFrame(payload: Uint8Array): Uint8Array {
  if (payload.length > maxPayloadBytes) {
    throw new RangeError(`a packet of ${payload.length} bytes is over ${maxPayloadBytes}`);
  }
  const frame = new Uint8Array(headerBytes + payload.length);
  new DataView(frame.buffer).setUint32(0, payload.length);
  frame.set(payload, headerBytes);
  return frame;
}

/**
 * Cuts a byte stream into payloads, however it arrives split. Holds at most one unfinished frame. After it has thrown
 * it must not be used again: where the next frame starts is unknown.
 */
export class FrameDecoder {
  readonly #header = new Uint8Array(headerBytes);
  #headerFilled = 0;
  #payload: Uint8Array | undefined;
  #payloadFilled = 0;

  /** Whether the stream stopped inside a frame. */
  get inFrame(): boolean {
    return this.#headerFilled > 0;
  }

  /** Payloads that this chunk completes. Throws ViciProtocolError when a length is 0 or over 512 KiB. */
  push(chunk: Uint8Array): readonly Uint8Array[] {
    const payloads: Uint8Array[] = [];
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#payload === undefined) {
        offset += this.#fillHeader(chunk, offset);
        continue;
      }
      const part = chunk.subarray(offset, offset + this.#payload.length - this.#payloadFilled);
      this.#payload.set(part, this.#payloadFilled);
      this.#payloadFilled += part.length;
      offset += part.length;
      if (this.#payloadFilled === this.#payload.length) {
        payloads.push(this.#payload);
        this.#payload = undefined;
        this.#headerFilled = 0;
      }
    }
    return payloads;
  }

  #fillHeader(chunk: Uint8Array, offset: number): number {
    const part = chunk.subarray(offset, offset + headerBytes - this.#headerFilled);
    this.#header.set(part, this.#headerFilled);
    this.#headerFilled += part.length;
    if (this.#headerFilled === headerBytes) {
      const length = new DataView(this.#header.buffer).getUint32(0);
      if (length === 0) throw new ViciProtocolError('a frame of no bytes');
      if (length > maxPayloadBytes) {
        throw new ViciProtocolError(`a frame of ${length} bytes is over ${maxPayloadBytes}`);
      }
      this.#payload = new Uint8Array(length);
      this.#payloadFilled = 0;
    }
    return part.length;
  }
}
