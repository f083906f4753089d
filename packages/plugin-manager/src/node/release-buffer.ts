/**
 * Gives the memory of a buffer back that nobody uses any more; what still points to it is empty from now on. V8 would let
 * some 64 MiB of buffers pile up before it looks for those that are not used.
 */
export function releaseBuffer(buffer: ArrayBufferLike): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
