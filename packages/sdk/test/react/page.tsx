/** The page that the hooks are tried on: each is called, what it gives stands in `window.hooks`, and what it can do is there to be done. */
import { connect, type Client } from '@talaria/sdk';
import { TalariaProvider, useClient, useConnection, useConversation, useConversations, useDraft, useMember, useMembers, useMessages, usePresence, useReceipts, useThread, useTyping, useUnread, useUser, useUsers } from '@talaria/sdk/react';
import { Component, memo, StrictMode, Suspense, useState, version, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import type { TimelineEntry } from '@talaria/sdk/views';

export interface PageProps {
  readonly url: string;
  readonly app: string;
  readonly token: string;
  readonly conversation: string;
  readonly thread?: string;
  readonly others?: readonly string[];
  readonly page?: number;
  readonly max?: number;
  readonly suspense?: boolean;
}

/** What a test sees of the page. */
export interface PageWindow {
  props: PageProps;
  readonly version: string;
  hooks: Hooks;
  sockets: number;
  /** How often each line was rendered. */
  readonly renders: Record<string, number>;
  show(props: PageProps | undefined, mounted?: boolean): void;
  caught: string;
}

type Hooks = ReturnType<typeof useAll>;
const page = window as unknown as PageWindow;

page.sockets = 0;
const Socket = window.WebSocket;
window.WebSocket = class extends Socket {
  constructor(...given: ConstructorParameters<typeof Socket>) {
    super(...given);
    page.sockets += 1;
  }
};

function useAll({ conversation, thread, others = [], page: size, max }: PageProps) {
  return {
    client: useClient(), connection: useConnection(), conversations: useConversations(), archived: useConversations({ archived: 'only' }), conversation: useConversation(conversation),
    messages: useMessages(conversation, { page: size, max }), thread: useThread(conversation, thread), typing: useTyping(conversation), presence: usePresence(others), unread: useUnread(), unreadHere: useUnread(conversation),
    members: useMembers(conversation), member: useMember(conversation, others[0]), receipts: useReceipts(conversation), draft: useDraft(conversation), user: useUser(others[0]), users: useUsers(others),
  };
}

const Line = memo(function Line({ entry }: { readonly entry: TimelineEntry }) {
  page.renders[entry.key] = (page.renders[entry.key] ?? 0) + 1;
  return <li id={entry.key} data-status={entry.status}>{entry.message.text}{entry.message.reactions.map(({ reaction, count }) => ` ${reaction}${count}`)}</li>;
});

function Screen(props: PageProps) {
  const hooks = useAll(props);
  page.hooks = hooks;
  return <ol>{hooks.messages.entries.map((entry) => <Line key={entry.key} entry={entry} />)}</ol>;
}

function Waiting({ conversation }: PageProps) {
  const { entries } = useMessages(conversation, { suspense: true });
  return <p id="waited">{entries.map(({ message }) => message.text).join()}</p>;
}

class Boundary extends Component<{ readonly children: ReactNode }> {
  override state = { failed: false };
  static getDerivedStateFromError(error: { readonly code?: string }): { failed: boolean } {
    page.caught = error.code ?? 'another error';
    return { failed: true };
  }
  override render(): ReactNode {
    return this.state.failed ? <p id="failed" /> : this.props.children;
  }
}

function App() {
  const [props, setProps] = useState<PageProps>();
  page.show = (next) => setProps(next);
  if (!props) return <p id="nothing" />;
  const make = (): Client => connect({ url: props.url, app: props.app, token: props.token });
  return (
    <TalariaProvider connect={make}>
      {props.suspense === true ? <Boundary><Suspense fallback={<p id="waiting" />}><Waiting {...props} /></Suspense></Boundary> : <Screen {...props} />}
    </TalariaProvider>
  );
}

Object.assign(page, { version, renders: {}, caught: '' });
createRoot(document.querySelector('main')!).render(<StrictMode><App /></StrictMode>);
