const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** A line of numbers as small bars, the largest in each of at most `columns` places; a blank where nothing is known. */
export function spark(values: readonly (number | null)[], columns: number): string {
  const places = Math.min(columns, values.length);
  const most = Math.max(0, ...values.map((value) => value ?? 0));
  return Array.from({ length: places }, (_, at) => {
    const some = values.slice(Math.floor((at * values.length) / places), Math.floor(((at + 1) * values.length) / places)).filter((value) => value !== null);
    if (some.length === 0) return ' ';
    return BARS[most === 0 ? 0 : Math.min(BARS.length - 1, Math.floor((Math.max(...some) / most) * BARS.length))];
  }).join('');
}
