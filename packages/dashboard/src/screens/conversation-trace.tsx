import { messageId } from '@talaria/protocol';
import type { Conversation } from '@talaria/protocol/types';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useAction } from '../api/use-action.js';
import { useNames } from '../api/use-names.js';
import { useQuery } from '../api/use-query.js';
import { factText } from '../explorer/fact-text.js';
import { count } from '../format/numbers.js';
import { screenOf } from '../format/ids.js';
import { talaria } from '../format/shell.js';
import { useOperator, useSession } from '../session/session.js';
import { Command } from '../ui/command.js';
import { SelectField } from '../ui/fields.js';
import { Missing } from '../ui/node.js';
import { Badge, Empty, RefusalNote } from '../ui/notes.js';
import { Panel } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { Time } from '../ui/time.js';
import { User } from '../ui/user.js';

const EVERY_MS = 3_000;
const NEWEST = 20;
const SPANS = [['60', 'A minute'], ['300', '5 minutes'], ['600', '10 minutes']] as const;

/** Records for a while how messages of the conversation go; each then shows its way. */
export function ConversationTrace({ app, conversation: { id, head_seq } }: { readonly app: string; readonly conversation: Conversation }): JSX.Element {
  const { ask } = useSession();
  const { may } = useOperator();
  const [seconds, setSeconds] = useState('60');
  const { data, refusal, refresh } = useQuery('traces.list', { app_id: app }, { everyMs: EVERY_MS });
  const trace = data?.items.find(({ conversation_id }) => conversation_id === id);
  const facts = useQuery('facts.list', may('facts.list') ? { conversation_id: id, after_seq: Math.max(0, head_seq - NEWEST), limit: 200 } : undefined, { app, everyMs: EVERY_MS });
  const messages = facts.data?.items.filter(({ type }) => type === 'message.created').toReversed().slice(0, NEWEST);
  const names = useNames(app, (messages ?? []).map(({ actor }) => actor));
  const start = useAction(async () => {
    await ask('traces.start', { conversation_id: id, for_s: Number(seconds), app_id: app });
    await refresh();
  });
  const stop = useAction(async () => {
    await ask('traces.stop', { conversation_id: id, app_id: app });
    await refresh();
  });
  const running = trace?.running === true;
  return (
    <>
      <Panel
        title="Trace" actions={<>
          {may('traces.start') && !running && <button type="button" class="button primary" disabled={start.busy} onClick={() => void start.run()}>Record</button>}
          {may('traces.stop') && running && <button type="button" class="button" disabled={stop.busy} onClick={() => void stop.run()}>Stop</button>}
        </>}
      >
        {refusal && <RefusalNote refusal={refusal} retry={() => void refresh()} />}
        {start.refusal && <RefusalNote refusal={start.refusal} />}
        {stop.refusal && <RefusalNote refusal={stop.refusal} />}
        <Missing nodes={data?.missing_nodes} />
        {trace ? <p><Badge kind={running ? 'good' : 'plain'}>{running ? 'recording' : 'ended'}</Badge> {count(trace.messages)} messages since <Time ms={trace.started_ms} />, {running ? 'ends' : 'ended'} <Time ms={trace.until_ms} ago /></p>
          : <p class="muted">Nothing is recorded. While it is, all nodes note when each message is committed, announced, and written to which connection.</p>}
        {may('traces.start') && !running && <SelectField label="For" value={seconds} onChange={setSeconds} options={SPANS} />}
        {may('traces.start') && <Command text={running ? talaria('trace stop', [id], { app }) : talaria('trace start', [id], { app, for: `${seconds}s` })} />}
      </Panel>
      {may('facts.list') && (
        <Table
          label="Newest messages" rows={messages} keyOf={({ seq }) => String(seq)} empty={<Empty title="No message among the newest facts." />}
          columns={[
            { name: 'Message', cell: ({ seq }) => <a href={screenOf(messageId(id, seq), app)}>{count(seq)}</a> }, { name: 'By', cell: ({ actor }) => <User id={actor} app={app} names={names} /> },
            { name: 'Text', cell: (fact) => <span class="message-text">{factText(fact)}</span> }, { name: 'Sent', cell: ({ time_ms }) => <Time ms={time_ms} /> },
            { name: 'Recorded', cell: ({ time_ms }) => (trace && time_ms >= trace.started_ms && time_ms <= trace.until_ms ? <Badge kind="good">yes</Badge> : <span class="muted">no</span>) },
          ]}
        />
      )}
    </>
  );
}
