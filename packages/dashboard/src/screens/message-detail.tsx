import { parseMessageId } from '@talaria/protocol';
import type { Message } from '@talaria/protocol/types';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useNames, type Names } from '../api/use-names.js';
import { useQuery } from '../api/use-query.js';
import { count } from '../format/numbers.js';
import { talariaCall } from '../format/shell.js';
import { href } from '../router/match.js';
import { useOperator, useSession } from '../session/session.js';
import { Command } from '../ui/command.js';
import { ConfirmDialog } from '../ui/dialog.js';
import { Id } from '../ui/id.js';
import { Json } from '../ui/json.js';
import { Badge, Empty, RefusalNote, Skeleton } from '../ui/notes.js';
import { Facts, Panel } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { Time } from '../ui/time.js';
import { User } from '../ui/user.js';
import { AppScreen } from './app-screen.js';
import { MessageWay } from './message-way.js';

/** A message: what it says, what it said, who has reacted, and to whom it came. */
export function MessageDetail({ app, id }: { readonly app: string; readonly id: string }): JSX.Element {
  const { may } = useOperator();
  const place = parseMessageId(id);
  const reads = may('messages.get');
  const { data: message, refusal, refresh } = useQuery('messages.get', reads ? { message_id: id } : undefined, { app });
  const names = useNames(app, [message?.sender_id ?? null, ...(message?.mentions.user_ids ?? [])]);
  const [deleting, setDeleting] = useState(false);
  const above = place && href(`/apps/${app}/conversations/${place.conversationId}`, { from: Math.max(0, place.seq - 25), seq: place.seq });
  return (
    <AppScreen
      app={app} title={place ? `Message ${count(place.seq)}` : 'Message'} command={talariaCall('messages.get', { message_id: id })}
      crumbs={[{ text: 'Conversations', href: href(`/apps/${app}/conversations`) }, ...(above === undefined ? [] : [{ text: 'In its conversation', href: above }])]}
      actions={message?.deleted_ms === null && may('messages.delete') && <button type="button" class="button danger" onClick={() => setDeleting(true)}>Delete</button>}
    >
      {refusal && <RefusalNote refusal={refusal} retry={() => void refresh()} />}
      {!reads && <Empty title="Your role reads no messages.">A moderator does.</Empty>}
      {reads && !refusal && <Panel title="Message">{message ? <Content app={app} message={message} names={names} /> : <Skeleton lines={4} />}</Panel>}
      {message && <History app={app} message={message} />}
      <MessageWay app={app} id={id} />
      <Reactions app={app} id={id} />
      <Receipts app={app} id={id} />
      {message && deleting && <DeleteMessage app={app} id={id} onClose={() => setDeleting(false)} onDone={refresh} />}
    </AppScreen>
  );
}

function Content({ app, message, names }: { readonly app: string; readonly message: Message; readonly names: Names }): JSX.Element {
  return (
    <>
      <p class="message-text large">{message.deleted_ms === null ? message.text || <span class="muted">no text</span> : <span class="muted">erased</span>}</p>
      <Facts rows={[
        ['Id', <Id id={message.id} app={app} full />], ['Conversation', <Id id={message.conversation_id} app={app} />], ['Sender', <User id={message.sender_id} app={app} names={names} />], ['Sent', <Time ms={message.created_ms} />],
        ...(message.edited_ms === null ? [] : [['Edited', <Time ms={message.edited_ms} />] as const]), ...(message.deleted_ms === null ? [] : [['Deleted', <Time ms={message.deleted_ms} />] as const]),
        ...(message.pinned === null ? [] : [['Pinned', <Time ms={message.pinned.time_ms} />] as const]), ...(message.thread_id === null ? [] : [['In the thread of', <Id id={message.thread_id} app={app} />] as const]),
        ...(message.quoted_id === null ? [] : [['Quotes', <Id id={message.quoted_id} app={app} />] as const]), ...(message.thread === null ? [] : [['Replies', count(message.thread.replies)] as const]),
        ...(message.client_id === null ? [] : [['Client id', <code>{message.client_id}</code>] as const]),
      ]} />
      {Object.keys(message.data).length > 0 && <Json value={message.data} />}
      {message.poll && <Json value={message.poll} />}
    </>
  );
}

function History({ app, message }: { readonly app: string; readonly message: Message }): JSX.Element | null {
  const { data, refusal, refresh } = useQuery('messages.history', message.edited_ms === null ? undefined : { message_id: message.id, limit: 100 }, { app });
  if (message.edited_ms === null) return null;
  return (
    <Panel title="What it said before">
      {refusal && <RefusalNote refusal={refusal} retry={() => void refresh()} />}
      {(data || !refusal) && (
        <Table
          label="Versions" rows={data?.items} keyOf={({ seq }) => String(seq)} empty={<Empty title="No earlier version is kept." />}
          columns={[{ name: 'Fact', numeric: true, cell: ({ seq }) => count(seq) }, { name: 'From', cell: ({ time_ms }) => <Time ms={time_ms} /> }, { name: 'Text', cell: ({ text }) => <span class="message-text">{text}</span> }]}
        />
      )}
      <Command text={talariaCall('messages.history', { message_id: message.id })} />
    </Panel>
  );
}

function Reactions({ app, id }: { readonly app: string; readonly id: string }): JSX.Element {
  const { data, refusal, refresh } = useQuery('reactions.list', { message_id: id, limit: 100 }, { app });
  const names = useNames(app, (data?.items ?? []).map(({ user_id }) => user_id));
  return (
    <Panel title="Reactions">
      {refusal && <RefusalNote refusal={refusal} retry={() => void refresh()} />}
      {(data || !refusal) && (
        <Table
          label="Reactions" rows={data?.items} keyOf={({ user_id }) => user_id} empty={<Empty title="Nobody has reacted." />}
          columns={[{ name: 'User', cell: ({ user_id }) => <User id={user_id} app={app} names={names} /> }, { name: 'Reactions', cell: ({ reactions }) => reactions.map((one) => <Badge key={one}>{one}</Badge>) }]}
        />
      )}
    </Panel>
  );
}

function Receipts({ app, id }: { readonly app: string; readonly id: string }): JSX.Element {
  const { data, refusal, refresh } = useQuery('receipts.get', { message_id: id }, { app });
  const names = useNames(app, (data?.items ?? []).map(({ user_id }) => user_id));
  return (
    <Panel title="Receipts">
      {refusal && <RefusalNote refusal={refusal} retry={() => void refresh()} />}
      {data && <p>For {count(data.members)}, delivered to {count(data.delivered)}, read by {count(data.read)}.</p>}
      {data?.items && data.items.length > 0 && (
        <Table
          label="Receipts" rows={data.items} keyOf={({ user_id }) => user_id} empty={null}
          columns={[
            { name: 'User', cell: ({ user_id }) => <User id={user_id} app={app} names={names} /> }, { name: 'Delivered', cell: ({ delivered }) => <Badge kind={delivered ? 'good' : 'plain'}>{delivered ? 'yes' : 'no'}</Badge> },
            { name: 'Read', cell: ({ read }) => <Badge kind={read ? 'good' : 'plain'}>{read ? 'yes' : 'no'}</Badge> },
          ]}
        />
      )}
      {!data && !refusal && <Skeleton lines={2} />}
      <Command text={talariaCall('receipts.get', { message_id: id })} />
    </Panel>
  );
}

function DeleteMessage({ app, id, onClose, onDone }: { readonly app: string; readonly id: string; readonly onClose: () => void; readonly onDone: () => Promise<void> }): JSX.Element {
  const { ask } = useSession();
  const remove = async (): Promise<void> => {
    await ask('messages.delete', { message_id: id }, { app });
    onClose();
    await onDone();
  };
  return (
    <ConfirmDialog title="Delete the message" action="Delete for everyone" typed="delete" onClose={onClose} onSubmit={remove} command={talariaCall('messages.delete', { message_id: id })}>
      <p>It is deleted for everyone, and what it held is erased from the log. This cannot be taken back.</p>
    </ConfirmDialog>
  );
}
