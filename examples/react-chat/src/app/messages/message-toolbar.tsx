import type { TimelineEntry } from '@talaria/sdk/views';
import { EmojiPicker } from './emoji-picker.js';
import { useCommands, useOpened } from '../conversation/conversation-context.js';
import { IconButton } from '../parts/icon.js';
import { Menu, type MenuItem } from '../parts/menu.js';
import { useAttempt, useNotice } from '../parts/notices.js';

/** What can be done with a message, while the pointer or the focus is on it. */
export function MessageToolbar({ entry, own }: { readonly entry: TimelineEntry; readonly own: boolean }) {
  const { message } = entry;
  const { timeline: { react, discard }, openThread, quote, edit, show } = useCommands();
  const { membership } = useOpened();
  const attempt = useAttempt();
  const tell = useNotice();
  if (message.id === '') {
    return entry.status === 'sending' && (
      <div className="toolbar" role="group" aria-label="Message">
        <IconButton icon="close" label="Do not send" onClick={() => void discard(entry).then((gone) => tell(gone ? 'It is not sent.' : 'It is on its way already.'))} />
      </div>
    );
  }
  const mayDelete = own || ['owner', 'admin', 'moderator'].includes(membership?.role ?? '');
  const items: readonly (MenuItem | false)[] = [
    own && { icon: 'edit', label: 'Edit', run: () => edit(message) },
    message.text !== '' && { icon: 'copy', label: 'Copy the text', run: () => attempt(navigator.clipboard.writeText(message.text)) },
    own && { icon: 'eye', label: 'Who has read it', run: () => show({ kind: 'receipts', message }) },
    message.edited_ms !== null && { icon: 'history', label: 'What it said before', run: () => show({ kind: 'history', message }) },
    { icon: 'close', label: 'Delete for me', run: () => show({ kind: 'hide', message }) },
    mayDelete && { icon: 'delete', label: 'Delete for everyone', danger: true, run: () => show({ kind: 'delete', message }) },
  ];
  return (
    <div className="toolbar" role="group" aria-label="Message">
      <EmojiPicker onPick={(sign) => attempt(react(message, sign))} />
      <IconButton icon="quote" label="Quote" onClick={() => quote(message)} />
      {openThread && <IconButton icon="thread" label="Reply in a thread" onClick={() => openThread(message)} />}
      <Menu label="More" items={items.filter((item) => item !== false)} />
    </div>
  );
}
