/** Lists as Postgres reads them in a text parameter. One statement takes a whole batch, a list for each column. */
import type { Parameter } from './line.js';

const QUOTED = /["\\]/;
const EACH_QUOTED = /["\\]/g;

const plain = (value: Parameter): Parameter => value ?? 'NULL';
const quoted = (value: Parameter): string => {
  if (value === null) return 'NULL';
  const text = String(value);
  return QUOTED.test(text) ? `"${text.replace(EACH_QUOTED, '\\$&')}"` : `"${text}"`;
};

/** Of ids and numbers, which need no quotes. */
export const plainArray = (values: readonly Parameter[]): string => listOf(values, plain);
/** Of texts. */
export const textArray = (values: readonly Parameter[]): string => listOf(values, quoted);

/** One text from the start: a list of texts to join would be thrown away for each column. */
function listOf(values: readonly Parameter[], form: (value: Parameter) => Parameter): string {
  let text = '{';
  for (let at = 0; at < values.length; at += 1) text += at === 0 ? form(values[at]!) : `,${form(values[at]!)}`;
  return `${text}}`;
}
