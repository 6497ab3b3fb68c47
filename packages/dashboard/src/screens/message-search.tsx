import type { SearchHit } from '@talaria/protocol/types';
import type { JSX } from 'preact';
import { useNames } from '../api/use-names.js';
import { useQuery } from '../api/use-query.js';
import { Id } from '../ui/id.js';
import { Empty } from '../ui/notes.js';
import { PagedTable } from '../ui/table.js';
import { Time } from '../ui/time.js';
import { User } from '../ui/user.js';

/** Messages of an app by their words, the newest first. */
export function MessageSearch({ app, words, after }: { readonly app: string; readonly words: string; readonly after: string | undefined }): JSX.Element {
  const query = useQuery('search.messages', { q: words, limit: 50, after }, { app });
  const names = useNames(app, (query.data?.items ?? []).map(({ message }) => message.sender_id));
  return (
    <PagedTable
      label="Messages" query={query} keyOf={({ message }) => message.id} empty={<Empty title="No message has these words.">All of them have to stand in it, in any order.</Empty>}
      columns={[
        { name: 'Message', cell: (hit) => <Highlighted hit={hit} /> }, { name: 'Sender', cell: ({ message }) => <User id={message.sender_id} app={app} names={names} /> },
        { name: 'Id', cell: ({ message }) => <Id id={message.id} app={app} /> }, { name: 'Conversation', cell: ({ message }) => <Id id={message.conversation_id} app={app} /> }, { name: 'Sent', cell: ({ message }) => <Time ms={message.created_ms} /> },
      ]}
    />
  );
}

function Highlighted({ hit: { message: { text }, highlights } }: { readonly hit: SearchHit }): JSX.Element {
  let at = 0;
  const parts = highlights.flatMap(({ from, to }) => {
    const between = text.slice(at, from);
    at = to;
    return [between, <mark key={from}>{text.slice(from, to)}</mark>];
  });
  return <p class="message-text">{parts}{text.slice(at)}</p>;
}
