import type { Conversation } from '@talaria/protocol/types';
import type { JSX } from 'preact';
import { useNames } from '../api/use-names.js';
import { useQuery } from '../api/use-query.js';
import { count } from '../format/numbers.js';
import { talariaCall } from '../format/shell.js';
import { Command } from '../ui/command.js';
import { Empty, RefusalNote } from '../ui/notes.js';
import { Table } from '../ui/table.js';
import { User } from '../ui/user.js';

const LIMIT = 200;

/** Up to where each member has received and read. */
export function ConversationMarks({ app, conversation: { id, head_seq } }: { readonly app: string; readonly conversation: Conversation }): JSX.Element {
  const { data, refusal, refresh } = useQuery('marks.list', { conversation_id: id, limit: LIMIT }, { app });
  const rows = data?.items.toSorted((left, right) => left.read_seq - right.read_seq);
  const names = useNames(app, (rows ?? []).map(({ user_id }) => user_id));
  return (
    <>
      {refusal && <RefusalNote refusal={refusal} retry={() => void refresh()} />}
      {(data || !refusal) && (
        <Table
          label="Marks" rows={rows} keyOf={({ user_id }) => user_id} empty={<Empty title="No mark has moved yet.">A mark moves when a client says what it has received or shown.</Empty>}
          columns={[
            { name: 'User', cell: ({ user_id }) => <User id={user_id} app={app} names={names} /> },
            { name: 'Delivered up to', numeric: true, cell: ({ delivered_seq }) => count(delivered_seq) }, { name: 'Read up to', numeric: true, cell: ({ read_seq }) => count(read_seq) },
            { name: 'Behind', cell: ({ read_seq }) => <><progress max={Math.max(1, head_seq)} value={read_seq} aria-label={`Read ${read_seq} of ${head_seq}`} /> <span class="muted small">{count(Math.max(0, head_seq - read_seq))}</span></> },
          ]}
        />
      )}
      {data?.more === true && <p class="muted small">These are the {LIMIT} that moved first.</p>}
      <p class="below"><Command text={talariaCall('marks.list', { conversation_id: id })} /></p>
    </>
  );
}
