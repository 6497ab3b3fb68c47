/** Bytes written by hand, as a client that does not use our encoder could send them. */

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
export const fromHex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
export const join = (...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array => Uint8Array.from(Buffer.concat(parts.map((part) => Uint8Array.from(part))));

/** A number of up to 64 bits. */
export function varint(value: number | bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt(value);
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return bytes;
}

export const key = (field: number | bigint, wireType: number): number[] => varint(BigInt(field) * 8n + BigInt(wireType));
export const numberField = (field: number, value: number | bigint): Uint8Array => join(key(field, 0), varint(value));
export const fixed64Field = (field: number): Uint8Array => join(key(field, 1), [1, 2, 3, 4, 5, 6, 7, 8]);
export const fixed32Field = (field: number): Uint8Array => join(key(field, 5), [1, 2, 3, 4]);
/** A text, a byte field or a message. */
export const field = (number: number, content: Uint8Array | readonly number[]): Uint8Array => join(key(number, 2), varint(content.length), content);
export const textField = (number: number, text: string): Uint8Array => field(number, utf8(text));

/** A field inside itself, `depth` times. */
export function nested(number: number, depth: number): Uint8Array {
  const heads: number[][] = [];
  let length = 0;
  for (let level = 0; level < depth; level += 1) {
    const head = [...key(number, 2), ...varint(length)];
    heads.unshift(head);
    length += head.length;
  }
  return join(heads.flat());
}
