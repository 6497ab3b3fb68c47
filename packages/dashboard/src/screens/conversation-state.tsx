import type { ConversationState as State } from '@talaria/protocol/state';
import type { Conversation } from '@talaria/protocol/types';
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Refusal } from '../api/refusal.js';
import { useNames, type Names } from '../api/use-names.js';
import { FACTS_MAX, loadUpTo, NOTHING_LOADED, stateAt } from '../explorer/fold.js';
import { count } from '../format/numbers.js';
import { screenOf } from '../format/ids.js';
import { useRouter } from '../router/router.js';
import { useSession } from '../session/session.js';
import { Badge, Empty, Note, RefusalNote, Skeleton } from '../ui/notes.js';
import { Facts, Panel } from '../ui/screen.js';
import { Time } from '../ui/time.js';
import { User } from '../ui/user.js';

const PAGE = 200;
const SHOWN_MESSAGES = 50;

/** The conversation as it stood at a fact: the facts up to it, folded by the code that makes what the API shows. */
export function ConversationState({ app, conversation }: { readonly app: string; readonly conversation: Conversation }): JSX.Element {
  const { ask } = useSession();
  const { place, change } = useRouter();
  const { id, head_seq, floor_seq } = conversation;
  const seq = seqOf(place.query.get('seq'), floor_seq, head_seq);
  const [loaded, setLoaded] = useState(() => ({ ...NOTHING_LOADED, toSeq: floor_seq }));
  const [refusal, setRefusal] = useState<Refusal>();
  const [tries, setTries] = useState(0);

  useEffect(() => {
    const controller = new AbortController();
    const page = (after_seq: number) => ask('facts.list', { conversation_id: id, after_seq, limit: PAGE }, { app, signal: controller.signal });
    loadUpTo(loaded, seq, page, (next) => {
      if (!controller.signal.aborted) setLoaded({ ...next });
    }).catch((error: unknown) => {
      if (!controller.signal.aborted && error instanceof Refusal) setRefusal(error);
    });
    return () => controller.abort();
  }, [seq, tries]);

  const there = loaded.toSeq >= seq || loaded.full;
  const at = loaded.full ? Math.min(seq, loaded.facts.at(-1)?.seq ?? seq) : seq;
  const state = useMemo(() => (there ? stateAt(id, loaded.facts, at, conversation) : undefined), [there, at, loaded]);
  const fact = loaded.facts.findLast((one) => one.seq <= at);
  const move = (to: number): void => change({ seq: to === head_seq ? null : Math.min(Math.max(to, floor_seq + 1), head_seq) }, { replace: true });
  return (
    <>
      <Panel>
        <div class="scrub">
          <button type="button" class="button" disabled={seq <= floor_seq + 1} onClick={() => move(seq - 1)}>One fact back</button>
          <input type="range" aria-label="Seq" min={floor_seq + 1} max={head_seq} value={seq} onChange={(event) => move(Number(event.currentTarget.value))} />
          <button type="button" class="button" disabled={seq >= head_seq} onClick={() => move(seq + 1)}>One fact on</button>
          <label>Seq <input type="number" min={floor_seq + 1} max={head_seq} value={seq} onChange={(event) => move(Number(event.currentTarget.value))} /></label>
        </div>
        <p class="small muted at">{fact ? <>After fact {count(fact.seq)}, <code>{fact.type}</code>, <Time ms={fact.time_ms} /></> : 'Before the first fact'}</p>
      </Panel>
      {refusal && <RefusalNote refusal={refusal} retry={() => {
        setRefusal(undefined);
        setTries(tries + 1);
      }} />}
      {floor_seq > 0 && <Note kind="warn">Facts up to {count(floor_seq)} were removed by retention. What follows from them is not known here.</Note>}
      {loaded.full && <Note kind="warn">Only the first {count(FACTS_MAX)} facts are folded here.</Note>}
      {state ? <Shown app={app} state={state} /> : !refusal && <Panel title={`Reading ${count(loaded.toSeq)} of ${count(seq)} facts`}><Skeleton lines={6} /></Panel>}
    </>
  );
}

function seqOf(text: string | null, floor: number, head: number): number {
  const seq = Number(text ?? '');
  return Number.isSafeInteger(seq) && seq > floor && seq <= head ? seq : head;
}

function Shown({ app, state }: { readonly app: string; readonly state: State }): JSX.Element {
  const members = [...state.members].filter(([, { active }]) => active);
  const messages = [...state.messages.values()].slice(-SHOWN_MESSAGES);
  const names = useNames(app, [...messages.map(({ sender_id }) => sender_id), ...members.map(([user]) => user)]);
  return (
    <>
      <Panel title={state.name || 'No name'}>
        <Facts rows={[
          ['Kind', state.kind || 'not known'], ['Members', count(members.length)], ['Messages', count(state.messages.size)], ['New members see', state.history === 'all' ? 'all' : 'what comes'],
          ['Frozen', state.settings.frozen ? 'yes' : 'no'], ['Slow mode', state.settings.slow_mode_s === 0 ? 'off' : `${state.settings.slow_mode_s} s`],
        ]} />
        <details class="members"><summary>Members</summary><ul class="chips">{members.map(([user, { role }]) => <li key={user}><User id={user} app={app} names={names} /> <Badge>{role}</Badge></li>)}</ul></details>
      </Panel>
      <Panel title={state.messages.size > SHOWN_MESSAGES ? `The last ${SHOWN_MESSAGES} messages` : 'Messages'}>
        {messages.length === 0 ? <Empty title="No message had been sent yet." /> : <ol class="messages">{messages.map((message) => <Message key={message.seq} app={app} message={message} names={names} />)}</ol>}
      </Panel>
    </>
  );
}

type MessageView = State['messages'] extends Map<number, infer View> ? View : never;

function Message({ app, message, names }: { readonly app: string; readonly message: MessageView; readonly names: Names }): JSX.Element {
  return (
    <li>
      <p class="by"><User id={message.sender_id} app={app} names={names} /> <Time ms={message.created_ms} /> <a href={screenOf(message.id, app)}>{count(message.seq)}</a>
        {message.edited_ms !== null && <Badge>edited</Badge>}{message.pinned && <Badge kind="info">pinned</Badge>}{message.deleted_ms !== null && <Badge kind="bad">deleted</Badge>}{message.thread_id !== null && <Badge>reply</Badge>}
      </p>
      <p class="message-text">{message.deleted_ms === null ? message.text || <span class="muted">{message.poll ? message.poll.question : 'no text'}</span> : <span class="muted">erased</span>}</p>
      {message.reactions.length > 0 && <p class="reactions">{message.reactions.map(({ reaction, count: times }) => <Badge key={reaction}>{reaction} {times}</Badge>)}</p>}
    </li>
  );
}
