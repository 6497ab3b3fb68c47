import type { Conversation } from '@talaria/protocol/types';
import type { JSX } from 'preact';
import type { ComponentChildren } from 'preact';
import type { Query } from '../api/use-query.js';
import { count } from '../format/numbers.js';
import { screenOf } from '../format/ids.js';
import { Id } from '../ui/id.js';
import { Badge } from '../ui/notes.js';
import { PagedTable, type Column } from '../ui/table.js';
import { Time } from '../ui/time.js';

export interface ConversationTableProps {
  readonly app: string;
  readonly query: Query<{ readonly items: readonly Conversation[]; readonly next: string | null }>;
  readonly empty: ComponentChildren;
  /** What else is to be seen of each. */
  readonly more?: readonly Column<Conversation>[];
}

export function ConversationTable({ app, query, empty, more = [] }: ConversationTableProps): JSX.Element {
  return (
    <PagedTable
      label="Conversations" query={query} keyOf={({ id }) => id} empty={empty}
      columns={[
        { name: 'Name', cell: ({ id, name, kind }) => <a class="main" href={screenOf(id, app)}>{name || (kind === 'direct' ? 'Direct conversation' : 'No name')}</a> },
        { name: 'Kind', cell: ({ kind }) => <Badge>{kind}</Badge> }, { name: 'Id', cell: ({ id }) => <Id id={id} app={app} /> },
        { name: 'Members', numeric: true, cell: ({ member_count }) => count(member_count) }, { name: 'Facts', numeric: true, cell: ({ head_seq }) => count(head_seq) }, ...more,
        { name: 'Made', cell: ({ created_ms }) => <Time ms={created_ms} /> },
      ]}
    />
  );
}
