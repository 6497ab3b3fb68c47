/** The nodes that hear of each other, for screens that ask one of them, or name them. */
import { useQuery } from './use-query.js';

export interface Nodes {
  /** For a choice: all of them, then each. */
  readonly options: readonly (readonly [id: string, text: string])[];
  readonly count: number | undefined;
  /** Whether a row has to say of which node it is. */
  readonly several: boolean;
}

const EVERY_MS = 15_000;

/** @param chosen the one of the address, which may be gone by now */
export function useNodes(chosen = ''): Nodes {
  const { data } = useQuery('cluster.get', {}, { everyMs: EVERY_MS });
  const known = (data?.nodes ?? []).map(({ id, host, port }) => [id, `${id.slice(-8)} at ${host}:${port}`] as const);
  const gone = chosen === '' || known.some(([id]) => id === chosen) ? [] : [[chosen, `${chosen.slice(-8)}, not heard of`] as const];
  return { options: [['', 'All'], ...known, ...gone], count: data?.nodes.length, several: known.length > 1 || gone.length > 0 };
}
