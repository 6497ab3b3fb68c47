/** Lists in ascending order. */

function firstWhere<T>(rows: readonly T[], reached: (row: T) => boolean): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (reached(rows[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** @returns where the first row with this seq or a higher one stands */
export function inSeqOrder(rows: readonly { readonly seq: number }[], seq: number): number {
  return firstWhere(rows, (row) => row.seq >= seq);
}

/** @returns where the first row with this position or a higher one stands */
export function inPositionOrder(rows: readonly { readonly position: number }[], position: number): number {
  return firstWhere(rows, (row) => row.position >= position);
}

/** Where the first fact stands that is not settled: an open transaction may still bring one before it (CLU3). */
export function settledEnd({ log, open }: { readonly log: readonly { readonly position: number }[]; readonly open: ReadonlySet<number> }): number {
  return open.size === 0 ? log.length : inPositionOrder(log, Math.min(...open));
}

/** The list under a key, made when there is none. */
export function listAt<T>(lists: Map<string, T[]>, key: string): T[] {
  let list = lists.get(key);
  if (!list) {
    list = [];
    lists.set(key, list);
  }
  return list;
}

/** Ids compare like their bytes: base32 keeps the order. */
export function byText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
