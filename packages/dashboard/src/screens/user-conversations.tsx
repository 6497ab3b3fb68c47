import type { JSX } from 'preact';
import { useQuery } from '../api/use-query.js';
import { count } from '../format/numbers.js';
import { talaria, talariaCall } from '../format/shell.js';
import { useRouter } from '../router/router.js';
import { Command } from '../ui/command.js';
import { Badge, Empty } from '../ui/notes.js';
import { Search } from '../ui/search.js';
import { ConversationTable } from './conversation-table.js';

const LIMIT = 50;

/** The conversations of a user, as they have them. */
export function UserConversations({ app, user }: { readonly app: string; readonly user: string }): JSX.Element {
  const { place, change } = useRouter();
  const [q, after] = [place.query.get('q') ?? '', place.query.get('after') ?? undefined];
  const listed = useQuery('inbox.list', q === '' ? { user_id: user, limit: LIMIT, after, archived: 'included', include_hidden: true } : undefined, { app });
  const found = useQuery('search.conversations', q === '' ? undefined : { user_id: user, q, limit: LIMIT, after }, { app });
  return (
    <>
      <div class="filters"><Search label="Find conversations of the user" placeholder="Name" value={q} onSearch={(value) => change({ q: value, after: null })} /></div>
      <ConversationTable
        app={app} query={q === '' ? listed : found}
        empty={q === '' ? <Empty title="The user is in no conversation." /> : <Empty title={`None of the user's conversations is called “${q}”.`} />}
        more={[
          { name: 'Role', cell: ({ membership }) => membership && <Badge>{membership.role}</Badge> },
          { name: 'Unread', numeric: true, cell: ({ membership }) => (membership ? count(membership.unread) : '') },
        ]}
      />
      <p class="below"><Command text={q === '' ? talaria('conversation list', [user], { limit: LIMIT, after }) : talariaCall('search.conversations', { user_id: user, q })} /></p>
    </>
  );
}
