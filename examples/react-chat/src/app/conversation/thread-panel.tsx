import { useThread } from '@talaria/sdk/react';
import { useCallback, useMemo, useRef, useState } from 'react';
import { CommandsContext, useOpened, type MessageCommands, type MessageDialog } from './conversation-context.js';
import { MessageDialogs } from './message-dialogs.js';
import { Composer, type ComposerMode } from '../composer/composer.js';
import { MessageList } from '../messages/message-list.js';
import { IconButton } from '../parts/icon.js';
import { Text } from '../parts/text.js';
import { Time } from '../parts/time.js';
import { useName } from '../people/names.js';
import { go, replace } from '../shell/route.js';

const NEW: ComposerMode = { kind: 'new', quote: undefined };
const nothing = (): void => undefined;

/** The replies to one message. */
export function ThreadPanel({ threadId, at }: { readonly threadId: string; readonly at: number | undefined }) {
  const { id } = useOpened();
  const messages = useThread(id, threadId);
  const [mode, setMode] = useState<ComposerMode>(NEW);
  const [dialog, setDialog] = useState<MessageDialog>();
  const [sent, setSent] = useState(0);
  const actions = useRef(messages);
  const commands = useMemo<MessageCommands>(() => ({
    timeline: actions.current, show: setDialog, openThread: undefined,
    quote: (message) => setMode({ kind: 'new', quote: message }),
    edit: (message) => setMode({ kind: 'edit', message }),
    jump: ({ seq, in_main: inMain }) => go({ conversationId: id, threadId: inMain ? undefined : threadId, at: seq }),
  }), [id, threadId]);
  const onTarget = useCallback(() => replace({ conversationId: id, threadId }), [id, threadId]);
  const done = useCallback(() => setMode(NEW), []);
  const onSent = useCallback(() => setSent((before) => before + 1), []);
  return (
    <CommandsContext value={commands}>
      <aside className="thread" aria-label="Thread">
        <header className="conversation-head">
          <h2>Thread</h2>
          <IconButton icon="close" label="Close the thread" onClick={() => go({ conversationId: id })} />
        </header>
        <MessageList messages={messages} label="Replies" newAfter={undefined} target={at} onTarget={onTarget} onSeen={nothing} sent={sent}
          head={messages.root && <Root root={messages.root} />} empty={<p>No replies yet.</p>} />
        <Composer label="Reply" messages={messages} threadId={threadId} mode={mode} onDone={done} onEdit={commands.edit} onSent={onSent} />
      </aside>
      {dialog && <MessageDialogs dialog={dialog} onClose={() => setDialog(undefined)} />}
    </CommandsContext>
  );
}

function Root({ root }: { readonly root: NonNullable<ReturnType<typeof useThread>['root']> }) {
  const sender = useName(root.sender_id ?? undefined);
  return (
    <article className="thread-root">
      <p className="sender"><span dir="auto">{sender}</span> <span className="muted"><Time ms={root.created_ms} /></span></p>
      <Text text={root.deleted_ms === null ? root.text : 'This message was deleted.'} />
    </article>
  );
}
