import type { Conversation } from '@talaria/protocol/types';
import type { JSX } from 'preact';
import { useQuery } from '../api/use-query.js';
import { count } from '../format/numbers.js';
import { talaria } from '../format/shell.js';
import { href } from '../router/match.js';
import { useRouter } from '../router/router.js';
import { useOperator } from '../session/session.js';
import { Id } from '../ui/id.js';
import { Json } from '../ui/json.js';
import { Badge, RefusalNote, Skeleton } from '../ui/notes.js';
import { Facts, Panel } from '../ui/screen.js';
import { currentTab, Tabs } from '../ui/tabs.js';
import { Time } from '../ui/time.js';
import { AppScreen } from './app-screen.js';
import { ConversationLog } from './conversation-log.js';
import { ConversationMarks } from './conversation-marks.js';
import { ConversationMembers } from './conversation-members.js';
import { ConversationTrace } from './conversation-trace.js';
import { ConversationState } from './conversation-state.js';

const LOG = { name: 'log', text: 'Log' };
const STATE = { name: 'state', text: 'As it stood' };
const REST = [{ name: 'members', text: 'Members' }, { name: 'marks', text: 'Marks' }, { name: 'trace', text: 'Trace' }, { name: 'about', text: 'About' }];

/** A conversation: its log, how it stood at a fact, who is in it, and what they have read. */
export function ConversationDetail({ app, id }: { readonly app: string; readonly id: string }): JSX.Element {
  const { may } = useOperator();
  const { place } = useRouter();
  const { data: conversation, refusal, refresh } = useQuery('conversations.get', { conversation_id: id }, { app });
  const tabs = may('facts.list') ? [LOG, STATE, ...REST] : REST;
  const tab = currentTab(tabs, place.query.get('tab'));
  return (
    <AppScreen
      app={app} title={conversation ? titleOf(conversation) : 'Conversation'} crumbs={[{ text: 'Conversations', href: href(`/apps/${app}/conversations`) }]} badge={conversation && <Badge>{conversation.kind}</Badge>}
      command={tab === 'members' ? talaria('conversation members', [id]) : tab === 'log' ? talaria('tail', [id], { after: 0, 'no-follow': true }) : talaria('conversation show', [id])}
    >
      {refusal && <RefusalNote refusal={refusal} retry={() => void refresh()} />}
      {!refusal && <Tabs tabs={tabs} label="Parts of the conversation" />}
      {!conversation && !refusal && <Panel><Skeleton lines={6} /></Panel>}
      {conversation && tab === 'log' && <ConversationLog app={app} conversation={conversation} refresh={refresh} />}
      {conversation && tab === 'state' && <ConversationState app={app} conversation={conversation} />}
      {conversation && tab === 'members' && <ConversationMembers app={app} conversation={conversation} refresh={refresh} />}
      {conversation && tab === 'marks' && <ConversationMarks app={app} conversation={conversation} />}
      {conversation && tab === 'trace' && <ConversationTrace app={app} conversation={conversation} />}
      {conversation && tab === 'about' && <About app={app} conversation={conversation} />}
    </AppScreen>
  );
}

const titleOf = ({ name, kind }: Conversation): string => name || (kind === 'direct' ? 'Direct conversation' : 'Conversation without a name');

function About({ app, conversation }: { readonly app: string; readonly conversation: Conversation }): JSX.Element {
  const { id, head_seq, floor_seq, member_count, created_ms, updated_ms, history, settings, data } = conversation;
  return (
    <>
      <Panel title="Conversation">
        <Facts rows={[
          ['Id', <Id id={id} app={app} full />], ['Members', count(member_count)], ['Facts up to', count(head_seq)], ['Removed up to', floor_seq === 0 ? 'none' : count(floor_seq)],
          ['New members see', history === 'all' ? 'all that was said' : 'what is said after they join'], ['Made', <Time ms={created_ms} />], ['Changed', <Time ms={updated_ms} />],
        ]} />
      </Panel>
      <Panel title="Settings"><Json value={settings} /></Panel>
      <Panel title="Your data"><Json value={data} /></Panel>
    </>
  );
}
