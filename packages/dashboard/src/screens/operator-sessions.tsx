import type { OperatorSession } from '@talaria/protocol/types';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useQuery } from '../api/use-query.js';
import { talaria } from '../format/shell.js';
import { useSession } from '../session/session.js';
import { Command } from '../ui/command.js';
import { ConfirmDialog } from '../ui/dialog.js';
import { Id } from '../ui/id.js';
import { Badge, Empty, RefusalNote } from '../ui/notes.js';
import { Panel } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { Time } from '../ui/time.js';

/** Where an operator is signed in. */
export function OperatorSessions({ operator }: { readonly operator: string }): JSX.Element {
  const { ask } = useSession();
  const { data, refusal, refresh } = useQuery('operators.sessions', { operator_id: operator });
  const [ending, setEnding] = useState<OperatorSession>();
  const end = async (session: OperatorSession): Promise<void> => {
    await ask('operators.revoke', { operator_id: operator, session_id: session.id });
    setEnding(undefined);
    // The own session has just gone: asking leads to the way in.
    await refresh();
  };
  return (
    <Panel title="Sessions">
      {refusal && <RefusalNote refusal={refusal} retry={() => void refresh()} />}
      {(data || !refusal) && (
        <Table
          label="Sessions" rows={data?.items} keyOf={({ id }) => id} empty={<Empty title="Signed in nowhere." />}
          columns={[
            { name: 'Session', cell: ({ id, current }) => <><Id id={id} /> {current && <Badge kind="info">this one</Badge>}</> }, { name: 'Address', cell: ({ address }) => <code>{address}</code> },
            { name: 'Browser', cell: ({ agent }) => <span class="agent" title={agent}>{agent || 'not named'}</span> }, { name: 'Used', cell: ({ used_ms }) => <Time ms={used_ms} ago /> },
            { name: 'Ends', cell: ({ idle_expires_ms, expires_ms }) => <Time ms={Math.min(idle_expires_ms, expires_ms)} ago /> },
            { name: 'Actions', cell: (session) => <button type="button" class="button small danger" onClick={() => setEnding(session)}>End</button> },
          ]}
        />
      )}
      <Command text={talaria('operator sessions', [operator])} />
      {ending && (
        <ConfirmDialog title="End the session" action="End it" onClose={() => setEnding(undefined)} onSubmit={() => end(ending)} command={talaria('operator end-session', [operator, ending.id])}>
          <p>{ending.current ? 'This is the session that you are in: you are signed out.' : 'Whoever uses it has to sign in again.'}</p>
        </ConfirmDialog>
      )}
    </Panel>
  );
}
