/** Series of the installation's last minutes, as charts want them. */
import type { Stats } from '@talaria/protocol/types';
import type { Series } from '../chart/chart.js';

type Name = Stats['series'][number]['name'];

/** The series of some names, in their order; what has several parts (`of`) comes as several. */
export function pick({ series }: Stats, names: readonly (readonly [name: Name, text: string])[]): readonly Series[] {
  return names.flatMap(([name, text]) => series.filter((one) => one.name === name && one.of === null).map(({ values }) => ({ name: text, values })));
}

/** The parts of one series, such as the lag of each consumer. @param most the largest are kept */
export function partsOf({ series }: Stats, name: Name, most: number): readonly Series[] {
  const parts = series.flatMap((one) => (one.name === name && one.of !== null ? [{ name: one.of, values: one.values }] : []));
  const peak = (values: Series['values']): number => values.reduce<number>((top, value) => Math.max(top, value ?? 0), 0);
  return parts.toSorted((left, right) => peak(right.values) - peak(left.values)).slice(0, most);
}

/** The last value that is known; undefined when none is. */
export function latest(stats: Stats, name: Name): number | undefined {
  return stats.series.find((one) => one.name === name && one.of === null)?.values.findLast((value) => value !== null) ?? undefined;
}
