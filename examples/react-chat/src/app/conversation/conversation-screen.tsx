import { useConversation, useMembers } from '@talaria/sdk/react';
import { useMemo, useState } from 'react';
import { ConversationHead } from './conversation-head.js';
import { CastContext, OpenedContext, type MessageView } from './conversation-context.js';
import { MainTimeline } from './main-timeline.js';
import { ThreadPanel } from './thread-panel.js';
import { useNames } from '../people/names.js';
import { hrefOf } from '../shell/route.js';

export interface ConversationScreenProps {
  readonly id: string;
  readonly threadId: string | undefined;
  readonly at: number | undefined;
}

/** One conversation: its head, its messages, and beside them the thread that is open. */
export function ConversationScreen({ id, threadId, at }: ConversationScreenProps) {
  const { conversation, loading, error } = useConversation(id);
  const { members } = useMembers(id, { page: 200 });
  const ids = useMemo(() => members.map(({ user_id: userId }) => userId), [members]);
  const names = useNames(ids);
  const [quotes] = useState(() => new Map<string, MessageView>());
  const cast = useMemo(() => ({ names, quotes }), [names, quotes]);
  if (!conversation) {
    return (
      <div className="empty stage-empty">
        {loading ? <p>Loading…</p> : <><p role="alert">{error?.code === 'not_found' ? 'This conversation is not there, or not for you.' : error?.message}</p><a className="button" href={hrefOf({})}>To your conversations</a></>}
      </div>
    );
  }
  return (
    <OpenedContext value={conversation}>
      <CastContext value={cast}>
        <div className="conversation" data-thread={threadId !== undefined}>
          <section className="conversation-main" aria-label="Conversation">
            <ConversationHead />
            <MainTimeline at={threadId === undefined ? at : undefined} />
          </section>
          {threadId !== undefined && <ThreadPanel key={threadId} threadId={threadId} at={at} />}
        </div>
      </CastContext>
    </OpenedContext>
  );
}
