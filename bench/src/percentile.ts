/** The value below which that share of the values lies; NaN without values. The list is sorted in place. */
export function percentile(values: number[], share: number): number {
  values.sort((left, right) => left - right);
  return values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
}
