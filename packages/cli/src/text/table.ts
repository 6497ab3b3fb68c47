import type { Style } from '../terminal.js';
import { cut, padEnd, padStart, plain, widthOf, wrap } from './width.js';

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  /** Numbers stand to the right. */
  readonly right?: boolean;
  /** May be cut when the table is too wide; ids and times may not. */
  readonly flexible?: boolean;
}

const GAP = 2;
const NARROWEST = 6;

/** A table that is as wide as its content and at most `columns` wide. */
export function table<Row>(layout: readonly Column<Row>[], rows: readonly Row[], columns: number, style: Style): string {
  const cells = rows.map((row) => layout.map((column) => plain(column.value(row))));
  const widths = fit(
    layout,
    layout.map((column, at) => Math.max(widthOf(column.title), ...cells.map((row) => widthOf(row[at]!)))),
    columns,
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => {
        const shown = cut(cell, widths[at]!);
        return layout[at]!.right ? padStart(shown, widths[at]!) : padEnd(shown, widths[at]!);
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  return [style('bold', line(layout.map(({ title }) => title))), ...cells.map(line)].map((text) => `${text}\n`).join('');
}

/** Takes what is too much from the widest column that may be cut, again and again. */
function fit<Row>(layout: readonly Column<Row>[], wanted: readonly number[], columns: number): readonly number[] {
  const widths = [...wanted];
  const total = (): number => widths.reduce((sum, width) => sum + width, 0) + GAP * (widths.length - 1);
  while (total() > columns) {
    const flexible = layout.flatMap((column, at) => (column.flexible && widths[at]! > NARROWEST ? [at] : []));
    const widest = flexible.reduce<number | undefined>(
      (best, at) => (best === undefined || widths[at]! > widths[best]! ? at : best),
      undefined,
    );
    if (widest === undefined) return widths;
    widths[widest] = widths[widest]! - 1;
  }
  return widths;
}

/** A field of a record: its name and value. A value that is copied whole, such as a key, is never broken. */
export type Field = readonly [name: string, value: string, form?: 'whole'];

/** Fields one below the other, with the values in one column. Without an indent the lines begin at the left. */
export function record(fields: readonly Field[], columns: number, style: Style, indent = 0): string {
  const margin = ' '.repeat(indent);
  const nameWidth = Math.max(...fields.map(([name]) => widthOf(name))) + GAP;
  const room = Math.max(20, columns - nameWidth - indent);
  const lines = fields.flatMap(([name, value, form]) => {
    const [first = '', ...rest] = form === 'whole' ? [plain(value)] : wrap(plain(value), room);
    return [margin + style('bold', padEnd(name, nameWidth)) + first, ...rest.map((line) => margin + ' '.repeat(nameWidth) + line)];
  });
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}
