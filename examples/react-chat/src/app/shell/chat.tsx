import { useState } from 'react';
import { ConversationScreen } from '../conversation/conversation-screen.js';
import { Sidebar } from '../inbox/sidebar.js';
import { Announcer } from '../parts/announcer.js';
import { Closed } from './closed.js';
import { ConnectionBanner } from './connection-banner.js';
import { Shortcuts } from './shortcuts.js';
import { useRoute } from './route.js';
import { useAway } from './use-away.js';
import { useDelivered } from './use-delivered.js';
import { useShortcuts } from './use-shortcuts.js';
import { useWindowTitle } from './use-window-title.js';
import { Welcome } from './welcome.js';

/** The screen of somebody who has signed in: conversations on one side, the open one on the other. A phone shows one of the two. */
export function Chat() {
  const route = useRoute();
  const [help, setHelp] = useState(false);
  useAway();
  useDelivered();
  useWindowTitle();
  useShortcuts(() => setHelp(true));
  return (
    <Announcer>
      <Closed>
        <div className="chat" data-screen={route.conversationId === undefined ? 'inbox' : 'conversation'}>
          <ConnectionBanner />
          <Sidebar openId={route.conversationId} onHelp={() => setHelp(true)} />
          <main className="stage">
            {route.conversationId === undefined ? <Welcome /> : <ConversationScreen key={route.conversationId} id={route.conversationId} threadId={route.threadId} at={route.at} />}
          </main>
        </div>
        {help && <Shortcuts onClose={() => setHelp(false)} />}
      </Closed>
    </Announcer>
  );
}
