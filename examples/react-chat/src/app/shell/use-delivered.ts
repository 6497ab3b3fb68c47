import { useClient, useConversations } from '@talaria/sdk/react';
import { useEffect, useRef } from 'react';

/** Tells senders that their messages have come here: one mark for each conversation that has moved. */
export function useDelivered(): void {
  const client = useClient();
  const { conversations } = useConversations({ sort: 'pinned' });
  const told = useRef(new Map<string, number>());
  useEffect(() => {
    if (!client) return;
    for (const { id, head_seq: seq, membership } of conversations) {
      if (!membership || seq <= Math.max(membership.delivered_seq, membership.read_seq, told.current.get(id) ?? 0)) continue;
      told.current.set(id, seq);
      // One that is lost is made good by the next message.
      client.call('marks.set', { conversation_id: id, delivered_seq: seq }).catch(() => told.current.delete(id));
    }
  }, [client, conversations]);
}
