import { messageId } from '@talaria/protocol';
import type { Conversation, Fact } from '@talaria/protocol/types';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useNames, type Names } from '../api/use-names.js';
import { useQuery } from '../api/use-query.js';
import { factText, usersIn } from '../explorer/fact-text.js';
import { logPage } from '../explorer/pages.js';
import { count } from '../format/numbers.js';
import { screenOf } from '../format/ids.js';
import { hrefWith } from '../router/match.js';
import { useRouter } from '../router/router.js';
import { Badge, Empty, RefusalNote } from '../ui/notes.js';
import { Json } from '../ui/json.js';
import { Table } from '../ui/table.js';
import { Time } from '../ui/time.js';
import { User } from '../ui/user.js';

const SIZE = 50;

export interface ConversationLogProps {
  readonly app: string;
  readonly conversation: Conversation;
  readonly refresh: () => Promise<void>;
}

/** The facts of a conversation, a page at a time; one that is chosen is shown whole. */
export function ConversationLog({ app, conversation, refresh }: ConversationLogProps): JSX.Element {
  const { place } = useRouter();
  const { id, head_seq, floor_seq } = conversation;
  const from = place.query.get('from');
  const chosen = Number(place.query.get('seq') ?? '');
  // An address that names a fact alone means the page around it.
  const around = chosen > 0 ? chosen - SIZE / 2 : undefined;
  const page = logPage(from === null ? around : Number(from), head_seq, floor_seq, SIZE);
  const query = useQuery('facts.list', { conversation_id: id, after_seq: page.afterSeq, limit: SIZE }, { app });
  const facts = query.data?.items;
  const names = useNames(app, usersIn(facts ?? []));
  const fact = facts?.find(({ seq }) => seq === chosen);
  const to = (afterSeq: number | undefined): string => hrefWith(place, { from: afterSeq ?? null, seq: null });
  return (
    <>
      {query.refusal && <RefusalNote refusal={query.refusal} retry={() => void query.refresh()} />}
      <nav class="pager" aria-label="Pages of the log">
        <PageLink text="Oldest" href={page.older === undefined ? undefined : to(floor_seq)} /><PageLink text="Older" href={page.older === undefined ? undefined : to(page.older)} />
        <PageLink text="Newer" href={page.newer === undefined ? undefined : to(page.newer)} /><PageLink text="Newest" href={page.newer === undefined ? undefined : to(undefined)} />
        <span class="muted small">{count(floor_seq + 1)} to {count(head_seq)}{floor_seq > 0 && ', earlier ones were removed'}</span>
        <button type="button" class="button small" onClick={() => void refresh().then(query.refresh)}>Refresh</button>
      </nav>
      <div class={fact ? 'split' : undefined}>
        <Table
          label="Facts" rows={facts} loading={query.loading} keyOf={({ seq }) => String(seq)} selected={({ seq }) => seq === chosen} empty={<Empty title="There is no fact here.">They may have been removed by retention.</Empty>}
          columns={[
            { name: 'Seq', numeric: true, cell: ({ seq }) => <a href={hrefWith(place, { seq, from: page.afterSeq })}>{count(seq)}</a> }, { name: 'Type', cell: ({ type }) => <code>{type}</code> },
            { name: 'By', cell: ({ actor }) => <User id={actor} app={app} names={names} /> }, ...(fact ? [] : [{ name: 'About', cell: ({ target_seq }: Fact) => (target_seq === null ? null : <a href={screenOf(messageId(id, target_seq), app)}>{count(target_seq)}</a>) }]),
            { name: 'What', cell: (one) => <FactText fact={one} names={names} /> }, ...(fact ? [] : [{ name: 'Time', cell: ({ time_ms }: Fact) => <Time ms={time_ms} /> }]),
          ]}
        />
        {fact && <WholeFact app={app} conversation={id} fact={fact} close={hrefWith(place, { seq: null })} />}
      </div>
    </>
  );
}

function PageLink({ text, href }: { readonly text: string; readonly href: string | undefined }): JSX.Element {
  return href === undefined ? <button type="button" class="button" disabled>{text}</button> : <a class="button" href={href}>{text}</a>;
}

function FactText({ fact, names }: { readonly fact: Fact; readonly names: Names }): JSX.Element {
  return <span class={fact.redacted ? 'message-text muted' : 'message-text'}>{factText(fact, names)}</span>;
}

function WholeFact({ app, conversation, fact, close }: { readonly app: string; readonly conversation: string; readonly fact: Fact; readonly close: string }): JSX.Element {
  const { place } = useRouter();
  const [raw, setRaw] = useState(false);
  const about = fact.type === 'message.created' ? fact.seq : fact.target_seq;
  return (
    <aside class="panel" aria-label={`Fact ${fact.seq}`}>
      <header><h2>Fact {count(fact.seq)}</h2>{fact.redacted && <Badge kind="warn">erased</Badge>}<div class="actions"><a class="button small" href={close}>Close</a></div></header>
      <p><code>{fact.type}</code> <Time ms={fact.time_ms} /></p>
      <p class="links">
        <a href={hrefWith({ path: place.path, query: new URLSearchParams() }, { tab: 'state', seq: fact.seq })}>The conversation as it stood</a>
        {about !== null && <a href={screenOf(messageId(conversation, about), app)}>The message</a>}
      </p>
      <Json value={raw ? fact : fact.body} />
      <p><button type="button" class="button small" onClick={() => setRaw(!raw)}>{raw ? 'Body only' : 'All fields'}</button></p>
    </aside>
  );
}
