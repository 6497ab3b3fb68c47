export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface FrameParts {
  readonly opcode: number;
  readonly payload?: Uint8Array | undefined;
  readonly final?: boolean;
  readonly rsv?: number;
  readonly masked?: boolean;
  /** What the header says; by default what is true. */
  readonly length?: number;
}

const MASK = Buffer.from([0x11, 0x22, 0x33, 0x44]);

/** A client's frame, right or wrong. */
export function clientFrame({ opcode, payload = new Uint8Array(), final = true, rsv = 0, masked = true, length = payload.length }: FrameParts): Buffer {
  const maskBit = masked ? 0x80 : 0;
  const first = (final ? 0x80 : 0) | (rsv << 4) | opcode;
  const body = masked ? Buffer.from(payload.map((byte, at) => byte ^ MASK[at % 4]!)) : Buffer.from(payload);
  return Buffer.concat([Buffer.from([first]), encodeLength(length, maskBit), masked ? MASK : Buffer.alloc(0), body]);
}

function encodeLength(length: number, maskBit: number): Buffer {
  if (length < 126) return Buffer.from([maskBit | length]);
  if (length <= 0xffff) return Buffer.from([maskBit | 126, length >> 8, length & 0xff]);
  const bytes = Buffer.alloc(9);
  bytes[0] = maskBit | 127;
  bytes.writeBigUInt64BE(BigInt(length), 1);
  return bytes;
}

export interface ServerFrame {
  readonly final: boolean;
  readonly opcode: number;
  readonly payload: Buffer;
}

/** The whole frames at the start of what a server sent. */
export function parseServerFrames(bytes: Buffer): ServerFrame[] {
  const frames: ServerFrame[] = [];
  let at = 0;
  while (bytes.length - at >= 2) {
    const { length, header } = decodeLength(bytes.subarray(at));
    if (bytes.length - at < header + length) break;
    frames.push({ final: (bytes[at]! & 0x80) !== 0, opcode: bytes[at]! & 0x0f, payload: bytes.subarray(at + header, at + header + length) });
    at += header + length;
  }
  return frames;
}

function decodeLength(bytes: Buffer): { readonly length: number; readonly header: number } {
  const short = bytes[1]! & 0x7f;
  if (short < 126) return { length: short, header: 2 };
  if (short === 126) return bytes.length < 4 ? { length: Infinity, header: 4 } : { length: bytes.readUInt16BE(2), header: 4 };
  return bytes.length < 10 ? { length: Infinity, header: 10 } : { length: Number(bytes.readBigUInt64BE(2)), header: 10 };
}

/** The code of a close frame, 1005 where it has none. */
export function closeCode({ payload }: ServerFrame): number {
  return payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
}
