/** What callers are told of who is connected. */
import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import { viewerOf, type AppCaller } from '../caller.js';
import type { Domain } from '../domain.js';

type Answer = OperationOutput<'users.presence'>;

/**
 * A backend may ask about every user of its app; a user about those with whom they share a conversation. Who is not visible is left
 * out, and so is who does not exist: the answers are the same.
 */
export async function getPresence(domain: Domain, caller: AppCaller, { user_ids: refs }: OperationInput<'users.presence'>): Promise<Answer> {
  const named = new Map<string, string>();
  await Promise.all(refs.map(async (ref) => {
    const id = ref.startsWith('ext:') ? (await domain.storage.userByExternalId(caller.app, ref.slice(4)))?.id : ref;
    if (id !== undefined) named.set(ref, id);
  }));
  const seen = new Map((await domain.storage.lastSeen(caller.app, viewerOf(caller), [...new Set(named.values())])).map((one) => [one.user, one.seenMs]));
  return {
    items: refs.flatMap((ref) => {
      const id = named.get(ref);
      const seenMs = id === undefined ? undefined : seen.get(id);
      if (id === undefined || seenMs === undefined) return [];
      const { online, devices } = domain.presence.of(caller.app, id);
      return [{ user_id: id, online, devices, last_seen_ms: online ? domain.clock.now() : seenMs }];
    }),
  };
}
