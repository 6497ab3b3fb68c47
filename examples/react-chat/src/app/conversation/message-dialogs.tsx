import { useClient, useReceipts } from '@talaria/sdk/react';
import type { OperationOutput } from '@talaria/sdk';
import { useEffect, useState } from 'react';
import { useCast, useCommands, useOpened, type MessageDialog, type MessageView } from './conversation-context.js';
import { useMe } from '../account/account-context.js';
import { Avatar } from '../parts/avatar.js';
import { Confirm, Dialog } from '../parts/dialog.js';
import { useAttempt } from '../parts/notices.js';
import { Text } from '../parts/text.js';
import { Time } from '../parts/time.js';

export interface MessageDialogsProps {
  readonly dialog: MessageDialog;
  readonly onClose: () => void;
}

export function MessageDialogs({ dialog: { kind, message }, onClose }: MessageDialogsProps) {
  const client = useClient();
  const attempt = useAttempt();
  const { timeline: { remove } } = useCommands();
  switch (kind) {
    case 'delete': return <Confirm title="Delete for everyone?" text="Nobody will be able to read this message any more." action="Delete" onClose={onClose} onConfirm={() => attempt(remove(message))} />;
    case 'hide': return (
      <Confirm title="Delete for you?" text="The message goes away on all of your devices. The others keep it." action="Delete for me" onClose={onClose} onConfirm={() => {
        if (client) attempt(client.command('messages.hide', { message_id: message.id }));
      }} />
    );
    case 'history': return <HistoryDialog message={message} onClose={onClose} />;
    case 'receipts': return <ReceiptsDialog message={message} onClose={onClose} />;
  }
}

interface OfMessage {
  readonly message: MessageView;
  readonly onClose: () => void;
}

function HistoryDialog({ message, onClose }: OfMessage) {
  const client = useClient();
  const [versions, setVersions] = useState<OperationOutput<'messages.history'>['items']>();
  const [error, setError] = useState('');
  useEffect(() => {
    client?.call('messages.history', { message_id: message.id }).then(({ items }) => setVersions(items), (cause: unknown) => setError(cause instanceof Error ? cause.message : String(cause)));
  }, [client, message.id]);
  return (
    <Dialog title="What it said before" onClose={onClose}>
      {error !== '' && <p role="alert">{error}</p>}
      {!versions && error === '' && <p className="muted">Loading…</p>}
      <ol className="versions">{versions?.map(({ seq, time_ms: timeMs, text }) => <li key={seq}><span className="muted"><Time ms={timeMs} /></span><Text text={text} /></li>)}</ol>
    </Dialog>
  );
}

/** Of those who share it, as far as they have got. */
function ReceiptsDialog({ message, onClose }: OfMessage) {
  const { id } = useOpened();
  const { names } = useCast();
  const me = useMe();
  const { marks } = useReceipts(id);
  const others = [...names].filter(([userId]) => userId !== me).map(([userId, name]) => {
    const mark = marks.get(userId);
    const state = (mark?.readSeq ?? 0) >= message.seq ? 'Read' : (mark?.deliveredSeq ?? 0) >= message.seq ? 'Delivered' : 'Sent';
    return { userId, name, state };
  });
  return (
    <Dialog title="Who has read it" onClose={onClose}>
      <ul className="members">
        {others.map(({ userId, name, state }) => <li key={userId} className="member"><Avatar name={name} size="small" /><span className="member-name" dir="auto">{name}</span><span className="muted">{state}</span></li>)}
      </ul>
    </Dialog>
  );
}
