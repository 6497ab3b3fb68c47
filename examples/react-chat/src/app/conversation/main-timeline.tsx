import { useMessages } from '@talaria/sdk/react';
import { useCallback, useMemo, useRef, useState } from 'react';
import { CommandsContext, useOpened, type MessageCommands, type MessageDialog } from './conversation-context.js';
import { MessageDialogs } from './message-dialogs.js';
import { NewMessages } from './new-messages.js';
import { TypingLine } from './typing-line.js';
import { Composer, type ComposerMode } from '../composer/composer.js';
import { MessageList } from '../messages/message-list.js';
import { useTitle } from '../people/names.js';
import { go, replace } from '../shell/route.js';

const NEW: ComposerMode = { kind: 'new', quote: undefined };
/** More than that is not on the newest page: the list begins where the user has stopped reading. */
const PAGE = 40;
/** So many are in the page at once: what is further away is loaded again. */
const KEPT = 200;

/** The messages of the conversation, and where one writes. @param at a seq to show */
export function MainTimeline({ at }: { readonly at: number | undefined }) {
  const conversation = useOpened();
  const { id, membership } = conversation;
  const title = useTitle(conversation);
  // As it was when the conversation was opened.
  const [newAfter] = useState(() => ((membership?.unread ?? 0) > 0 ? membership?.read_seq : undefined));
  const [start] = useState(() => at ?? ((membership?.unread ?? 0) > PAGE ? membership?.read_seq : undefined));
  const messages = useMessages(id, { around: start, page: PAGE, max: KEPT });
  const [mode, setMode] = useState<ComposerMode>(NEW);
  const [dialog, setDialog] = useState<MessageDialog>();
  const [sent, setSent] = useState(0);
  const seen = useRef(membership?.read_seq ?? 0);
  const { markRead } = messages;

  const actions = useRef(messages);
  const commands = useMemo<MessageCommands>(() => ({
    timeline: actions.current, show: setDialog,
    openThread: (message) => go({ conversationId: id, threadId: message.thread_id ?? message.id }),
    quote: (message) => setMode({ kind: 'new', quote: message }),
    edit: (message) => setMode({ kind: 'edit', message }),
    jump: ({ seq, thread_id: threadId, in_main: inMain }) => go({ conversationId: id, threadId: inMain ? undefined : threadId ?? undefined, at: seq }),
  }), [id]);
  const onSeen = useCallback((seq: number) => {
    if (seq <= seen.current) return;
    seen.current = seq;
    markRead({ seq });
  }, [markRead]);
  const onTarget = useCallback(() => replace({ conversationId: id }), [id]);
  const done = useCallback(() => setMode(NEW), []);
  const onSent = useCallback(() => setSent((before) => before + 1), []);

  return (
    <CommandsContext value={commands}>
      <MessageList messages={messages} label={`Messages in ${title}`} newAfter={newAfter} target={at} onTarget={onTarget} onSeen={onSeen} sent={sent}
        head={<p className="hint">This is where the conversation begins.</p>} empty={<p>No messages yet. Say hello!</p>} />
      <TypingLine conversationId={id} />
      <Composer label={`Message to ${title}`} messages={messages} mode={mode} onDone={done} onEdit={commands.edit} onSent={onSent} />
      <NewMessages messages={messages} />
      {dialog && <MessageDialogs dialog={dialog} onClose={() => setDialog(undefined)} />}
    </CommandsContext>
  );
}
