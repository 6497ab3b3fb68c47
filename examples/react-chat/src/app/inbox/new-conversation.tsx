import { useClient } from '@talaria/sdk/react';
import type { UserView } from '@talaria/sdk/views';
import { useState, type FormEvent } from 'react';
import { Dialog } from '../parts/dialog.js';
import { useAttempt } from '../parts/notices.js';
import { PeoplePicker } from '../people/people-picker.js';
import { go } from '../shell/route.js';

/** With one person it is direct, unless it gets a name; with more it is a group. */
export function NewConversation({ onClose }: { readonly onClose: () => void }) {
  const client = useClient();
  const attempt = useAttempt();
  const [chosen, setChosen] = useState<readonly UserView[]>([]);
  const [name, setName] = useState('');
  const direct = chosen.length === 1 && name.trim() === '';
  const create = (event: FormEvent): void => {
    event.preventDefault();
    if (!client || chosen.length === 0) return;
    const members = chosen.map(({ id }) => id);
    attempt(client.conversations.create(direct ? { kind: 'direct', members } : { kind: 'group', name: name.trim(), members, history: 'all' }).then(({ id }) => go({ conversationId: id })));
    onClose();
  };
  return (
    <Dialog title="New conversation" onClose={onClose}>
      <form className="form" onSubmit={create}>
        <PeoplePicker chosen={chosen} onChosen={setChosen} />
        <div className="field"><label htmlFor="group-name">Name of the group</label><input id="group-name" value={name} maxLength={100} required={chosen.length > 1} placeholder={chosen.length > 1 ? '' : 'For a group only'} dir="auto" onChange={({ target }) => setName(target.value)} /></div>
        <div className="dialog-actions">
          <button type="button" className="button plain" onClick={onClose}>Cancel</button>
          <button type="submit" className="button" disabled={chosen.length === 0}>{direct ? 'Write' : 'Create group'}</button>
        </div>
      </form>
    </Dialog>
  );
}
