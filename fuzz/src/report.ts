/** What a run says at its end. */
import type { Found, HuntResult } from './hunt.js';

const LINE_CHARS = 80;
const MEBIBYTE = 1_048_576;
const HEAD = ['target', 'inputs', 'seconds', 'a second', 'heap MiB'] as const;

const shown = (value: number, digits = 0): string => value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });

/** One line a target, and the codes of each below them. */
export function table(results: readonly HuntResult[]): string {
  const rows = results.map(({ target, inputs, elapsed_ms, heap_growth_bytes }) => [
    target, shown(inputs), shown(elapsed_ms / 1_000, 1), shown((inputs / elapsed_ms) * 1_000), heap_growth_bytes === undefined ? '–' : shown(heap_growth_bytes / MEBIBYTE, 1),
  ]);
  const sum = results.reduce((before, result) => ({ inputs: before.inputs + result.inputs, ms: before.ms + result.elapsed_ms }), { inputs: 0, ms: 0 });
  const all = [[...HEAD], ...rows, ['all', shown(sum.inputs), shown(sum.ms / 1_000, 1), shown((sum.inputs / sum.ms) * 1_000), '']];
  const widths = HEAD.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const lines = all.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ').trimEnd());
  return [...lines, '', ...results.flatMap(codeLines)].join('\n');
}

/** The answers of a target, the most frequent first, on lines of at most 80 characters. */
function codeLines({ target, codes }: HuntResult): readonly string[] {
  const words = Object.entries(codes).sort(([, left], [, right]) => right - left).map(([code, count]) => `${code} ${shown(count)}`);
  const lines: string[] = [];
  let line = `${target}:`;
  for (const [at, word] of words.entries()) {
    const next = `${word}${at < words.length - 1 ? ',' : ''}`;
    if (line.length + 1 + next.length <= LINE_CHARS) line += ` ${next}`;
    else {
      lines.push(line);
      line = `  ${next}`;
    }
  }
  return [...lines, line];
}

/** The finding, and the one command that shows it again. */
export function findingText({ target, message, seed, path, input }: Found, inputs: number): string {
  const replay = path === undefined ? `--inputs ${inputs}` : `--path ${path}`;
  return [`FOUND in ${target}, seed ${seed}`, message, `input: ${input}`, `replay: npm run fuzz -- --only ${target} --seed ${seed} ${replay}`].join('\n');
}
