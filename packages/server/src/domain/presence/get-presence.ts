/** What callers are told of who is connected. */
import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import { viewerOf, type AppCaller } from '../caller.js';
import type { Domain } from '../domain.js';
import { visibleTo } from './visible.js';

type Answer = OperationOutput<'users.presence'>;

/** Who is not visible to the caller is left out, and so is who does not exist: the answers are the same. */
export async function getPresence(domain: Domain, caller: AppCaller, { user_ids: refs }: OperationInput<'users.presence'>): Promise<Answer> {
  const named = new Map<string, string>();
  await Promise.all(refs.map(async (ref) => {
    const id = ref.startsWith('ext:') ? (await domain.storage.userByExternalId(caller.app, ref.slice(4)))?.id : ref;
    if (id !== undefined) named.set(ref, id);
  }));
  const seen = await visibleTo(domain, caller.app, viewerOf(caller), [...new Set(named.values())]);
  return {
    items: refs.flatMap((ref) => {
      const id = named.get(ref);
      const seenMs = id === undefined ? undefined : seen.get(id);
      if (id === undefined || seenMs === undefined) return [];
      const { state, devices } = domain.presence.of(caller.app, id);
      const online = state !== 'offline';
      return [{ user_id: id, online, state, devices, last_seen_ms: online ? domain.clock.now() : seenMs }];
    }),
  };
}
