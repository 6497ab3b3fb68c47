/** A text file as messages, and the messages as the file again. */

/** What one message carries: a line, or a part of one that is too long for a message. */
export interface Piece {
  readonly text: string;
  /** Goes along as the message's data, so that an empty line is a message, too. */
  readonly place: Place;
}

export interface Place {
  /** From 1. */
  readonly line: number;
  /** From 1, within the line. */
  readonly part: number;
  /** A line break follows. */
  readonly ends: boolean;
}

/** The server's limit of a text. */
const TEXT_CODE_POINTS_MAX = 10_000;

/** @throws TypeError when the bytes are not UTF-8 */
export function piecesOf(file: Uint8Array): Piece[] {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(file);
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    const last = index === lines.length - 1;
    // Behind the last line break there is no line.
    if (last && line === '') return [];
    const parts = partsOf(line);
    return parts.map((part, at): Piece => ({ text: part, place: { line: index + 1, part: at + 1, ends: !last && at === parts.length - 1 } }));
  });
}

/** The text that pieces stand for, in the order in which they came. */
export function textOf({ text, place }: Piece): string {
  return place.ends ? `${text}\n` : text;
}

/** The place that a message's data tells, or undefined when the message is none of the file's. */
export function placeOf(data: Readonly<Record<string, unknown>>): Place | undefined {
  const { line, part, ends } = data;
  return typeof line === 'number' && typeof part === 'number' && typeof ends === 'boolean' ? { line, part, ends } : undefined;
}

function partsOf(line: string): string[] {
  if (line.length <= TEXT_CODE_POINTS_MAX) return [line];
  const points = [...line];
  const parts: string[] = [];
  for (let at = 0; at < points.length; at += TEXT_CODE_POINTS_MAX) parts.push(points.slice(at, at + TEXT_CODE_POINTS_MAX).join(''));
  return parts;
}
