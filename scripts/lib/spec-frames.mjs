// What SPEC.md says of frames: their words, and a row for each field. Its tests hold that names, types and bounds are those of the code.

/** The text below a heading, up to the next one of its level or above. */
export function sectionOf(text, level, title) {
  const lines = text.split('\n');
  const start = lines.indexOf(`${'#'.repeat(level)} ${title}`);
  if (start < 0) throw new Error(`SPEC.md has no heading ${title}.`);
  const length = lines.slice(start + 1).findIndex((line) => new RegExp(`^#{1,${level}} `).test(line));
  return lines.slice(start + 1, length < 0 ? undefined : start + 1 + length).join('\n');
}

/** `{ words, rows }` of a frame's section; a row has `name`, `type`, `bound` ('' where there is none) and `meaning`. */
export function frameOf(text) {
  const lines = text.trim().split('\n');
  const cells = lines.filter((line) => line.startsWith('| `')).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
  return {
    words: lines.filter((line) => line !== '' && !line.startsWith('|')).join(' '),
    rows: cells.map((row) => ({ name: row[0].replaceAll('`', ''), type: row[1], bound: row.length > 3 ? row[2] : '', meaning: row.at(-1) })),
  };
}

/** Links of SPEC.md to itself, as seen from a page of docs/reference. */
export const fromReference = (text) => text.replaceAll(/\]\(#/g, '](../../packages/protocol/SPEC.md#').replaceAll('](README.md', '](../../packages/protocol/README.md');
/** The same as plain text. */
export const unlinked = (text) => text.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1');
