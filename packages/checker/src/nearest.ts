/** The choice that takes the fewest edits to become, for "did you mean". */
export function nearest(word: string, choices: readonly string[]): string | undefined {
  return choices.map((choice) => ({ choice, edits: distance(word, choice) })).toSorted((a, b) => a.edits - b.edits)[0]?.choice;
}

/** Levenshtein's distance, one row at a time. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
