import type { JSX } from 'preact';
import { useQuery } from '../api/use-query.js';
import { screenOf } from '../format/ids.js';
import { talaria, talariaCall } from '../format/shell.js';
import { useQueryValue, useRouter } from '../router/router.js';
import { useOperator } from '../session/session.js';
import { SelectField } from '../ui/fields.js';
import { Empty } from '../ui/notes.js';
import { Search } from '../ui/search.js';
import { href } from '../router/match.js';
import { AppScreen } from './app-screen.js';
import { ConversationTable } from './conversation-table.js';
import { MessageSearch } from './message-search.js';

const LIMIT = 50;
const KINDS = [['', 'All'], ['group', 'Groups'], ['channel', 'Channels'], ['direct', 'Direct']] as const;
const PLACE = /^[cm]_\w{26,60}$/;

/** The conversations of an app, found by name, by id, or by what is said in them. */
export function Conversations({ app }: { readonly app: string }): JSX.Element {
  const { may } = useOperator();
  const { place, change, go } = useRouter();
  const [kind, setKind] = useQueryValue('kind');
  const [q, words, after] = [place.query.get('q') ?? '', place.query.get('words') ?? '', place.query.get('after') ?? undefined];
  const wanted = KINDS.find(([value]) => value === kind && value !== '')?.[0] as 'group' | 'channel' | 'direct' | undefined;
  const input = { limit: LIMIT, after, q: q || undefined, kind: wanted };
  const query = useQuery('conversations.list', words === '' ? input : undefined, { app });
  const search = (value: string): void => {
    const address = PLACE.test(value) ? screenOf(value, app) : undefined;
    if (address === undefined) change({ q: value, words: null, after: null });
    else go(address);
  };
  return (
    <AppScreen app={app} title="Conversations" command={words === '' ? talaria('conversation list', [], { limit: LIMIT, name: q || undefined, kind: wanted, after }) : talariaCall('search.messages', { q: words, limit: LIMIT })}>
      <div class="filters">
        <Search label="Find conversations" placeholder="Name, c_… or m_…" value={q} onSearch={search} />
        {may('search.messages') && <Search label="Find messages" placeholder="Words in messages" value={words} onSearch={(value) => change({ words: value, q: null, kind: null, after: null })} />}
        {words === '' && <SelectField label="Kind" value={kind} onChange={setKind} options={KINDS} />}
      </div>
      {words === '' ? (
        <ConversationTable
          app={app} query={query}
          empty={q === '' && kind === '' ? <Empty title="This app has no conversation yet.">A user or a backend begins one.</Empty> : <Empty title="No conversation is like that.">Each word may be the beginning of one in the name. Direct conversations have none: find them at <a href={href(`/apps/${app}/users`)}>one of their users</a>.</Empty>}
        />
      ) : <MessageSearch app={app} words={words} after={after} />}
    </AppScreen>
  );
}
