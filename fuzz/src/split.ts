/** How many inputs each target gets: by what an input costs, so that a run of a million takes minutes, not days. */
import { targetNames, type TargetName } from './target.js';

/** Of a million. A decoder takes thousands a second, a live server hundreds, a process or a start of a server a few. */
const SHARES: Readonly<Record<TargetName, number>> = {
  'frames.server': 500_000, 'frames.client': 240_000, 'frames.gateway': 10_000, 'http': 60_000, 'jwt': 40_000, 'config.load': 149_550, 'config.command': 150, 'database': 300,
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
