/** A WebSocket frame as a client sends it: masked, but with zeros, which leaves the bytes as they are. */
const MASKED = 0x80;
const MASK_BYTES = 4;
/** Lengths above this stand in two bytes behind the first two. */
const SHORT_MAX = 125;
const IN_TWO_BYTES = 126;
const LENGTH_MAX = 0xffff;

export function frameOf(kind: number, data: string | Uint8Array): Buffer {
  const length = typeof data === 'string' ? Buffer.byteLength(data) : data.length;
  if (length > LENGTH_MAX) throw new Error(`a frame of more than ${LENGTH_MAX} bytes is not written here`);
  const long = length > SHORT_MAX;
  const head = (long ? 4 : 2) + MASK_BYTES;
  const frame = Buffer.alloc(head + length);
  frame[0] = kind;
  frame[1] = MASKED | (long ? IN_TWO_BYTES : length);
  if (long) frame.writeUInt16BE(length, 2);
  if (typeof data === 'string') frame.write(data, head);
  else frame.set(data, head);
  return frame;
}
