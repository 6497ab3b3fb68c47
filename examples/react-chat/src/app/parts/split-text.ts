/** A part of a text. Whatever somebody has written stays text: only addresses of the web become links. */
export interface Piece {
  readonly kind: 'text' | 'link' | 'mention' | 'mark';
  readonly text: string;
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

const LINK = /\bhttps?:\/\/[^\s<>"'`]+/giu;
/** What stands behind an address more often than it belongs to it. */
const TAIL = /[.,;:!?…»”’]+$/u;

/** @param names of those whom the message mentions */
export function splitText(text: string, names: readonly string[] = []): readonly Piece[] {
  const ranges: (Range & { readonly kind: 'link' | 'mention' })[] = [];
  for (const { 0: found, index } of text.matchAll(LINK)) {
    const address = trimmed(found);
    if (URL.canParse(address)) ranges.push({ kind: 'link', from: index, to: index + address.length });
  }
  // The longest first: `@Ann` is no mention of Ann where Anna is meant.
  for (const name of names.filter((name) => name !== '').toSorted((one, other) => other.length - one.length)) {
    for (const from of placesOf(text, `@${name}`)) {
      const to = from + name.length + 1;
      if (ranges.every((range) => to <= range.from || from >= range.to)) ranges.push({ kind: 'mention', from, to });
    }
  }
  return cut(text, ranges);
}

/** @param ranges in UTF-16 units, as search gives them */
export function markText(text: string, ranges: readonly Range[]): readonly Piece[] {
  return cut(text, ranges.map((range) => ({ ...range, kind: 'mark' })));
}

function placesOf(text: string, wanted: string): readonly number[] {
  const places: number[] = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) places.push(at);
  return places;
}

function cut(text: string, ranges: readonly (Range & { readonly kind: Piece['kind'] })[]): readonly Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const { kind, from, to } of ranges.toSorted((one, other) => one.from - other.from)) {
    if (from < end || to <= from) continue;
    if (from > end) pieces.push({ kind: 'text', text: text.slice(end, from) });
    pieces.push({ kind, text: text.slice(from, to) });
    end = to;
  }
  if (end < text.length) pieces.push({ kind: 'text', text: text.slice(end) });
  return pieces;
}

/** An address without the full stop of its sentence, or the bracket that was opened before it. */
function trimmed(found: string): string {
  let address = found.replace(TAIL, '');
  for (const [open, close] of ['()', '[]', '{}']) {
    while (address.endsWith(close!) && address.split(close!).length > address.split(open!).length) address = address.slice(0, -1).replace(TAIL, '');
  }
  return address;
}
