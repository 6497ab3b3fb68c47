/** `<script src="…/widget.js" data-url="…" data-app="pk_…"></script>`: a chat with support on any page. */
import type { Status } from '@talaria/sdk';
import { showTimeline } from '../shared/lines.js';
import { isKnown, openChat, type Chat, type Settings } from './chat.js';
import { createPanel, type Panel } from './panel.js';

const OPEN = 'talaria-support-open';

function start({ dataset }: HTMLScriptElement): void {
  const { url, app, support = 'support', title = 'Support' } = dataset;
  if (!url || !app) {
    console.error('The support widget needs data-url and data-app on its script tag.');
    return;
  }
  run({ url, app, support }, title);
}

function run(settings: Settings, title: string): void {
  let chat: Chat | undefined;
  let beginning = false;
  const panel = createPanel(title, {
    moved(open) {
      sessionStorage.setItem(OPEN, open ? 'yes' : '');
      if (open) void begin();
      read();
    },
    send: (text) => void chat?.timeline.send(text),
    retry: () => void begin(),
  });
  if (!panel) return;
  const shown: Panel = panel;

  async function begin(): Promise<void> {
    if (chat || beginning) return;
    beginning = true;
    shown.trouble('');
    shown.status('Connecting …', 'connecting');
    try {
      chat = await openChat(settings, end);
      follow(chat);
    } catch {
      shown.trouble('Support cannot be reached.');
      shown.status('Offline', 'closed');
    } finally {
      beginning = false;
    }
  }

  function follow({ screen, timeline, userId }: Chat): void {
    const connection = screen.connection();
    const conversation = screen.conversation(timeline.conversationId);
    connection.subscribe(() => shown.status(...said(connection.get())));
    shown.status(...said(connection.get()));
    showTimeline(shown.list, timeline, { viewer: userId, other: 'Support' });
    timeline.subscribe(read);
    conversation.subscribe(() => shown.unread(conversation.get().conversation?.membership?.unread ?? 0));
    shown.ready(true);
    read();
  }

  /** What is on the screen of somebody who looks has been read. */
  function read(): void {
    if (chat && shown.isOpen && document.visibilityState === 'visible') chat.timeline.markRead();
  }

  /** The guest is no more. Whoever writes again is another one. */
  function end(): void {
    const over = chat;
    chat = undefined;
    over?.screen.close();
    shown.list.replaceChildren();
    shown.ready(false);
    shown.unread(0);
    shown.status('Offline', 'closed');
    shown.trouble('This conversation has ended.');
  }

  document.addEventListener('visibilitychange', read);
  window.addEventListener('online', () => {
    if (shown.isOpen) void begin();
  });
  if (sessionStorage.getItem(OPEN) === 'yes') shown.toggle(true);
  else if (isKnown(settings)) void begin();
}

function said({ state }: Status): [text: string, state: string] {
  switch (state) {
    case 'connecting': return ['Connecting …', state];
    case 'connected': return ['Connected', state];
    case 'reconnecting':
    case 'suspended': return ['Offline. What you write is sent later.', state];
    case 'closed': return ['Offline', state];
  }
}

// Only while the script runs for the first time does the page say which one it is.
if (document.currentScript instanceof HTMLScriptElement) start(document.currentScript);
