import type { Connection } from '@talaria/protocol/types';
import type { JSX } from 'preact';
import { useNodes } from '../api/use-nodes.js';
import { useQuery } from '../api/use-query.js';
import { count } from '../format/numbers.js';
import { talaria } from '../format/shell.js';
import { useRouter } from '../router/router.js';
import { Command } from '../ui/command.js';
import { Id } from '../ui/id.js';
import { Missing, Node } from '../ui/node.js';
import { Empty } from '../ui/notes.js';
import { PagedTable } from '../ui/table.js';
import { Time } from '../ui/time.js';
import { clientOf, connectionState } from './connections.js';

const EVERY_MS = 5_000;

/** The devices of a user that are connected now. */
export function UserConnections({ app, user }: { readonly app: string; readonly user: string }): JSX.Element {
  const { place } = useRouter();
  const query = useQuery('connections.list', { app_id: app, user_id: user, limit: 50, after: place.query.get('after') ?? undefined }, { everyMs: EVERY_MS });
  const { several } = useNodes();
  return (
    <>
      <Missing nodes={query.data?.missing_nodes} />
      <PagedTable
        label="Connections" query={query} keyOf={({ id }) => id} empty={<Empty title="No device of the user is connected." />}
        columns={[
          { name: 'Connection', cell: ({ id }) => <Id id={id} /> }, { name: 'Client', cell: clientOf },
          { name: 'Address', cell: ({ address }) => <code>{address}</code> }, { name: 'State', cell: connectionState }, { name: 'Streams', numeric: true, cell: ({ followed }) => count(followed) },
          ...(several ? [{ name: 'Node', cell: ({ node }: Connection) => <Node id={node} /> }] : []), { name: 'Since', cell: ({ opened_ms }) => <Time ms={opened_ms} ago /> },
        ]}
      />
      <p class="below"><Command text={talaria('connections list', [], { app, user })} /></p>
    </>
  );
}
