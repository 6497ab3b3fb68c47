/** The agents' page: visitors who wait, and the conversation with one of them. */
import { connect, type Status } from '@talaria/sdk';
import { views, type ConversationView, type Timeline, type Views } from '@talaria/sdk/views';
import { element, onWritten, showTimeline } from '../shared/lines.js';

interface Login {
  readonly url: string;
  readonly app: string;
  readonly token: string;
}

const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

async function login(): Promise<Login> {
  const response = await fetch('/agent-token', { method: 'POST', headers: { authorization: `Bearer ${location.hash.slice(1)}` } });
  if (!response.ok) throw new Error('Open the address that the program has printed.');
  return await response.json() as Login;
}

/** What the visitor's page has said about itself: anything, by anybody. */
function nameOf({ data }: ConversationView): { readonly visitor: string; readonly page: string } {
  const { visitor, page } = data as { readonly visitor?: unknown; readonly page?: unknown };
  return { visitor: typeof visitor === 'string' ? visitor : 'Visitor', page: typeof page === 'string' ? page : '' };
}

async function start(): Promise<void> {
  const { url, app } = await login();
  const client = connect({ url, app, token: async () => (await login()).token });
  client.on('status', ({ state }: Status) => {
    byId('status').textContent = state;
    byId('status').dataset['state'] = state;
  });
  await client.ready();
  const screen = views(client);
  const inbox = screen.inbox({ kind: 'direct' });
  let open: { readonly timeline: Timeline; readonly stop: () => void } | undefined;

  const show = (): void => {
    // Who has only opened the panel waits for nothing.
    const visitors = inbox.get().conversations.filter(({ last_message: last }) => last !== null);
    byId('nobody').hidden = visitors.length > 0;
    byId('visitors').replaceChildren(...visitors.map((one) => row(one, client.userId, one.id === open?.timeline.conversationId, () => choose(one))));
    if (open && document.visibilityState === 'visible') open.timeline.markRead();
  };

  function choose(one: ConversationView): void {
    open?.stop();
    open?.timeline.close();
    open = talk(screen, one, client.userId);
    show();
    byId('text').focus();
  }

  onWritten(byId('write'), byId('text'), (text) => void open?.timeline.send(text));
  document.addEventListener('visibilitychange', show);
  inbox.subscribe(show);
  show();
}

function row(one: ConversationView, self: string, current: boolean, choose: () => void): HTMLLIElement {
  const { visitor, page } = nameOf(one);
  // A visitor waits until an agent has written behind them.
  const waits = one.last_message?.sender_id !== self;
  const button = element('button');
  button.type = 'button';
  if (current) button.setAttribute('aria-current', 'true');
  button.append(element('strong', '', visitor), element('span', 'page', page), element('span', 'last', one.last_message?.text ?? ''));
  if (waits) button.append(element('span', 'waits', 'waits'));
  button.addEventListener('click', choose);
  const item = element('li');
  item.append(button);
  return item;
}

function talk(screen: Views, one: ConversationView, viewer: string): { readonly timeline: Timeline; readonly stop: () => void } {
  const { visitor } = nameOf(one);
  byId('talk').hidden = false;
  byId('who').textContent = visitor;
  const list = byId<HTMLOListElement>('lines');
  list.replaceChildren();
  const timeline = screen.timeline(one.id);
  return { timeline, stop: showTimeline(list, timeline, { viewer, other: visitor }) };
}

start().catch((error: unknown) => {
  byId('status').textContent = error instanceof Error ? error.message : String(error);
});
