import { useConversations } from '@talaria/sdk/react';
import { useState } from 'react';
import { ConversationList } from './conversation-list.js';
import { Me } from './me.js';
import { NewConversation } from './new-conversation.js';
import { IconButton } from '../parts/icon.js';
import { SearchField } from '../search/search-field.js';
import { SearchResults } from '../search/search-results.js';

export interface SidebarProps {
  readonly openId: string | undefined;
  readonly onHelp: () => void;
}

/** Who is here, search, and the conversations. */
export function Sidebar({ openId, onHelp }: SidebarProps) {
  const [query, setQuery] = useState('');
  const [archive, setArchive] = useState(false);
  const [creating, setCreating] = useState(false);
  const inbox = useConversations(archive ? { archived: 'only' } : { sort: 'pinned' });
  return (
    <nav className="sidebar" aria-label="Conversations">
      <header className="sidebar-head">
        <Me onHelp={onHelp} />
        <IconButton icon="archive" label={archive ? 'Back from the archive' : 'Archive'} className={archive ? 'on' : ''} onClick={() => setArchive(!archive)} />
        <IconButton icon="add" label="New conversation" onClick={() => setCreating(true)} />
      </header>
      <SearchField query={query} onQuery={setQuery} />
      {query.trim() === '' ? (
        <>
          {archive && <h2 className="list-heading">Archive</h2>}
          <ConversationList inbox={inbox} openId={openId} archive={archive} onCreate={() => setCreating(true)} />
        </>
      ) : <SearchResults query={query.trim()} onDone={() => setQuery('')} />}
      {creating && <NewConversation onClose={() => setCreating(false)} />}
    </nav>
  );
}
