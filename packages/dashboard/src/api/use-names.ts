/** What users are called whose ids a screen shows. */
import { useMemo } from 'preact/hooks';
import { useQuery } from './use-query.js';

export type Names = ReadonlyMap<string, string>;

const ASKED_MAX = 100;

/** @param ids of users of the app, in any order, some perhaps more than once; beyond 100 different ones the ids have to do */
export function useNames(app: string, ids: readonly (string | null)[]): Names {
  const wanted = [...new Set(ids.filter((id): id is string => id !== null))].toSorted().slice(0, ASKED_MAX);
  const { data } = useQuery('users.batch', wanted.length === 0 ? undefined : { user_ids: wanted }, { app });
  return useMemo(() => new Map((data?.items ?? []).map(({ id, name, external_id }) => [id, name || external_id])), [data]);
}
