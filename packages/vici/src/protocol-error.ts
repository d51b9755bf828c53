/** Every error this package makes on purpose; abort reasons of the caller's own signal are passed on as they are. */
export abstract class ViciError extends Error {}

/**
 * What arrived is not VICI, or not at its turn, or an element is of another kind than the one asked for. When it arrived
 * on a connection, that connection is closed: there is no way to find the next frame but by guessing.
 */
export class ViciProtocolError extends ViciError {
  override readonly name = 'ViciProtocolError';
}
