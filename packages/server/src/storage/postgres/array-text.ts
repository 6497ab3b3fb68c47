/** Lists as Postgres reads them in a text parameter. One statement takes a whole batch, a list for each column. */
import type { Parameter } from './line.js';

const QUOTED = /["\\]/g;

/** Of ids and numbers, which need no quotes. */
export function plainArray(values: readonly Parameter[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}

/** Of texts. */
export function textArray(values: readonly Parameter[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : `"${String(value).replace(QUOTED, '\\$&')}"`)).join(',')}}`;
}
