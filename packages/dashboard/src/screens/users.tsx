import type { User as UserView } from '@talaria/protocol/types';
import type { JSX } from 'preact';
import { useQuery } from '../api/use-query.js';
import { screenOf } from '../format/ids.js';
import { talaria, talariaCall } from '../format/shell.js';
import { href } from '../router/match.js';
import { useRouter } from '../router/router.js';
import { Id } from '../ui/id.js';
import { Badge, Empty } from '../ui/notes.js';
import { Search } from '../ui/search.js';
import { PagedTable } from '../ui/table.js';
import { Time } from '../ui/time.js';
import { AppScreen } from './app-screen.js';

const LIMIT = 50;
const REFERENCE = /^(?:u_\w{26}|ext:.+)$/;

/** The users of an app: all, or those of a name. An id leads to its user. */
export function Users({ app }: { readonly app: string }): JSX.Element {
  const { place, change, go } = useRouter();
  const [q, after] = [place.query.get('q') ?? '', place.query.get('after') ?? undefined];
  const listed = useQuery('users.list', q === '' ? { limit: LIMIT, after } : undefined, { app });
  const found = useQuery('search.users', q === '' ? undefined : { q, limit: LIMIT, after }, { app });
  const search = (value: string): void => {
    if (REFERENCE.test(value)) go(href(`/apps/${app}/users/${encodeURIComponent(value)}`));
    else change({ q: value, after: null });
  };
  return (
    <AppScreen app={app} title="Users" command={q === '' ? talaria('user list', [], { limit: LIMIT, after }) : talariaCall('search.users', { q, limit: LIMIT, after })}>
      <div class="filters"><Search label="Find users" placeholder="Name, u_…, or ext: and your own id" value={q} onSearch={search} /></div>
      <PagedTable
        label="Users" query={q === '' ? listed : found} keyOf={({ id }) => id}
        empty={q === '' ? <Empty title="This app has no user yet.">A user is made by a backend, or by the first valid token of theirs.</Empty> : <Empty title={`Nobody is called “${q}”.`}>Each word may be the beginning of one in the name. By your own id: <code>ext:{q}</code></Empty>}
        columns={[
          { name: 'Name', cell: ({ id, name, external_id }) => <a class="main" href={screenOf(id, app)}>{name || external_id}</a> }, { name: 'Your id', cell: ({ external_id }) => <code>{external_id}</code> },
          { name: 'Id', cell: ({ id }) => <Id id={id} app={app} /> }, { name: 'State', cell: userState }, { name: 'Made', cell: ({ created_ms }) => <Time ms={created_ms} /> },
        ]}
      />
    </AppScreen>
  );
}

export function userState({ deactivated_ms }: UserView): JSX.Element {
  return deactivated_ms === null ? <Badge kind="good">active</Badge> : <Badge kind="bad">deactivated</Badge>;
}
