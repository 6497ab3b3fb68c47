/** How many inputs each target gets: by what an input costs, so that a run of a million takes minutes, not days. */
import { targetNames, type TargetName } from './target.js';

/** Of a million. A decoder takes thousands a second, a live server hundreds, a process or a start of a server a few. */
const SHARES: Readonly<Record<TargetName, number>> = {
  'frames.server': 420_000, 'frames.client': 200_000, 'frames.gateway': 20_000, 'http': 120_000, 'jwt': 60_000, 'config.load': 179_100, 'config.command': 300, 'database': 600,
};

/**
 * Divides inputs among the targets that were asked for.
 *
 * @param total of all inputs; each target gets at least one
 */
export function split(total: number, wanted: readonly TargetName[] = targetNames): ReadonlyMap<TargetName, number> {
  const sum = wanted.reduce((before, name) => before + SHARES[name], 0);
  const shares = new Map(wanted.map((name): [TargetName, number] => [name, Math.max(1, Math.round((SHARES[name] / sum) * total))]));
  // What rounding leaves over goes to, or comes from, the target with the most.
  const [largest] = [...shares].sort(([, left], [, right]) => right - left);
  const rest = total - [...shares.values()].reduce((before, count) => before + count, 0);
  if (largest) shares.set(largest[0], Math.max(1, largest[1] + rest));
  return shares;
}
