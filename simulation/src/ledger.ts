/** CLU3: consumers in the order of the store count every fact once, whatever becomes of the nodes that they run on. */
import type { MemoryStore } from '@talaria/server/internals';

const EVERYTHING = 1_000_000_000;

/** @returns what the usage of the apps says wrongly; nothing to say of a log of which a part is gone */
export function checkUsage(store: MemoryStore, apps: readonly string[], streams: readonly { readonly app: string; readonly stream: string }[]): string[] {
  const { calls } = store;
  if (streams.some(({ app, stream }) => (calls.head(app, stream)?.floorSeq ?? 0) > 0)) return [];
  const lease = calls.lease('usage', 'the judge', EVERYTHING * EVERYTHING, 1);
  if (!lease) return ['nobody can take the lease of the usage consumer'];
  const counted = calls.factsAfterPosition(0, EVERYTHING).filter(({ position }) => position <= lease.position);
  return apps.flatMap((app) => {
    const facts = counted.filter((fact) => fact.app === app).length;
    const usage = calls.usage(app, 0, EVERYTHING * EVERYTHING).reduce((sum, row) => sum + row.facts, 0);
    return facts === usage ? [] : [`up to position ${lease.position} the log has ${facts} facts of ${app}, and its usage says ${usage}`];
  });
}
