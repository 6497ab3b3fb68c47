/** Texts that are longer than a signal, in parts. */

/** What a part may take of a signal's 4,096 bytes, as JSON in UTF-8: the rest names the call, the devices and the part. */
export const PART_BYTES_MAX = 3_072;
/** Of one text: about 48 kB, where a session description has 1 to 10. */
export const PARTS_MAX = 16;

const encoder = new TextEncoder();
const bytesOf = (text: string): number => encoder.encode(JSON.stringify(text)).length - 2;

/** @returns the text in pieces, each of at most `PART_BYTES_MAX` as JSON; one for an empty text */
export function cut(text: string): readonly string[] {
  const parts: string[] = [];
  let from = 0;
  let bytes = 0;
  let at = 0;
  for (const character of text) {
    const more = bytesOf(character);
    if (bytes + more > PART_BYTES_MAX) {
      parts.push(text.slice(from, at));
      from = at;
      bytes = 0;
    }
    bytes += more;
    at += character.length;
  }
  return [...parts, text.slice(from)];
}
