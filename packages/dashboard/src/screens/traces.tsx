import type { JSX } from 'preact';
import { useQuery } from '../api/use-query.js';
import { count } from '../format/numbers.js';
import { talaria } from '../format/shell.js';
import { href } from '../router/match.js';
import { Id } from '../ui/id.js';
import { Missing } from '../ui/node.js';
import { Badge, Empty, RefusalNote } from '../ui/notes.js';
import { Screen } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { Time } from '../ui/time.js';

const EVERY_MS = 5_000;

/** Conversations whose messages are followed on their way, or were lately. */
export function Traces(): JSX.Element {
  const { data, refusal, refresh } = useQuery('traces.list', {}, { everyMs: EVERY_MS });
  return (
    <Screen title="Traces" command={talaria('trace list')}>
      {refusal && <RefusalNote refusal={refusal} retry={() => void refresh()} />}
      <Missing nodes={data?.missing_nodes} />
      {(data || !refusal) && (
        <Table
          label="Traces" rows={data?.items} keyOf={({ conversation_id }) => conversation_id} empty={<Empty title="No conversation is traced.">Start it at the conversation, in its part “Trace”. Then each of its messages shows its way.</Empty>}
          columns={[
            { name: 'Conversation', cell: ({ app_id, conversation_id }) => <a href={href(`/apps/${app_id}/conversations/${conversation_id}`, { tab: 'trace' })}><code>{conversation_id}</code></a> }, { name: 'App', cell: ({ app_id }) => <Id id={app_id} /> },
            { name: 'State', cell: ({ running }) => <Badge kind={running ? 'good' : 'plain'}>{running ? 'recording' : 'ended'}</Badge> }, { name: 'Messages', numeric: true, cell: ({ messages }) => count(messages) },
            { name: 'Began', cell: ({ started_ms }) => <Time ms={started_ms} /> }, { name: 'Until', cell: ({ until_ms }) => <Time ms={until_ms} ago /> },
          ]}
        />
      )}
    </Screen>
  );
}
