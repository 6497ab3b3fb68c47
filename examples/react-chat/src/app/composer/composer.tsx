import { useConnection, useTyping, type Messages } from '@talaria/sdk/react';
import { useEffect, useLayoutEffect, useRef, type KeyboardEvent } from 'react';
import { MentionList } from './mention-list.js';
import { useComposerText } from './use-composer-text.js';
import { mentionsOf, useMentions } from './use-mentions.js';
import { useMe } from '../account/account-context.js';
import { useCast, useOpened, type MessageView } from '../conversation/conversation-context.js';
import { IconButton } from '../parts/icon.js';
import { useAttempt } from '../parts/notices.js';
import { useName } from '../people/names.js';

export type ComposerMode =
  | { readonly kind: 'new'; readonly quote: MessageView | undefined }
  | { readonly kind: 'edit'; readonly message: MessageView };

export interface ComposerProps {
  readonly label: string;
  readonly messages: Messages;
  readonly threadId?: string;
  readonly mode: ComposerMode;
  /** The quote or the edit is over. */
  readonly onDone: () => void;
  readonly onEdit: (message: MessageView) => void;
  /** A message is in the list: what becomes of it is shown there. */
  readonly onSent?: () => void;
}

/** As the server counts: code points. */
const CHARS_MAX = 10_000;
const CHARS_SHOWN = 9_000;

/** Where one writes. Enter sends, Shift+Enter begins a line, @ mentions, Escape gives up a quote or an edit. */
export function Composer({ label, messages, threadId, mode, onDone, onEdit, onSent }: ComposerProps) {
  const conversation = useOpened();
  const { names } = useCast();
  const me = useMe();
  const attempt = useAttempt();
  const typing = useTyping(conversation.id);
  const { state } = useConnection();
  const field = useRef<HTMLTextAreaElement>(null);
  const { text, setText, clear } = useComposerText(conversation.id, threadId, mode);
  const mentions = useMentions({ field, text, setText, names, me, everyone: conversation.kind !== 'direct' });
  const length = [...text].length;
  const sendable = text.trim() !== '' && length <= CHARS_MAX;

  // Begins where one can write at once; on a phone the keyboard would cover what there is to read.
  useEffect(() => {
    if (!matchMedia('(pointer: coarse)').matches || mode.kind === 'edit' || mode.quote) field.current?.focus();
  }, [mode]);
  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight}px`;
  }, [text]);

  const submit = (): void => {
    if (!sendable) return;
    const wanted = mentionsOf(text, names, conversation.kind !== 'direct', me);
    if (mode.kind === 'edit') {
      const { user_ids, everyone } = { user_ids: wanted?.userIds ?? [], everyone: wanted?.everyone ?? false };
      if (text !== mode.message.text) attempt(messages.edit(mode.message, { text: text.trim(), mentions: { user_ids, everyone } }));
    } else {
      messages.send({ text: text.trim(), ...(wanted && { mentions: wanted }), ...(mode.quote && { quote: mode.quote }) });
      onSent?.();
    }
    typing.stop();
    clear();
    onDone();
  };
  const press = (event: KeyboardEvent): void => {
    // While an input method composes, its keys are its own.
    if (event.nativeEvent.isComposing || mentions.press(event)) return;
    if (event.key === 'Enter' && !event.shiftKey) submit();
    else if (event.key === 'Escape' && (mode.kind === 'edit' || mode.quote)) {
      if (mode.kind === 'edit') clear();
      onDone();
    } else if (event.key === 'ArrowUp' && text === '' && !event.altKey) {
      const last = messages.entries.findLast(({ message }) => message.sender_id === me && message.id !== '' && message.deleted_ms === null);
      if (!last) return;
      onEdit(last.message);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <form className="composer" onSubmit={(event) => {
      event.preventDefault();
      submit();
    }}>
      <ComposerNote mode={mode} onCancel={() => {
        if (mode.kind === 'edit') clear();
        onDone();
      }} />
      {mentions.open && <MentionList mentions={mentions} />}
      <div className="composer-field">
        <textarea ref={field} rows={1} aria-label={label} placeholder={state === 'connected' || state === 'connecting' ? 'Write a message' : 'Write a message: it is sent later'} dir="auto" value={text}
          aria-autocomplete="list" aria-controls={mentions.open ? mentions.id : undefined} aria-activedescendant={mentions.open ? mentions.activeId : undefined}
          onChange={({ target }) => {
            setText(target.value);
            if (target.value === '' || mode.kind === 'edit') typing.stop();
            else typing.start();
          }} onSelect={mentions.look} onBlur={() => typing.stop()} onKeyDown={press} />
        {length > CHARS_SHOWN && <span className="counter" data-over={length > CHARS_MAX} role="status">{CHARS_MAX - length}</span>}
        <button type="submit" className="send" disabled={!sendable} aria-label={mode.kind === 'edit' ? 'Save' : 'Send'} title={mode.kind === 'edit' ? 'Save' : 'Send'}><SendIcon /></button>
      </div>
    </form>
  );
}

const SendIcon = () => <svg className="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M5 12h13M12.500 6l6 6-6 6" /></svg>;

/** What the next message refers to. */
function ComposerNote({ mode, onCancel }: { readonly mode: ComposerMode; readonly onCancel: () => void }) {
  const about = mode.kind === 'edit' ? mode.message : mode.quote;
  const sender = useName(about?.sender_id ?? undefined);
  if (!about) return null;
  return (
    <div className="composer-note">
      <span className="composer-note-head">{mode.kind === 'edit' ? 'Edit your message' : <span dir="auto">{sender}</span>}</span>
      <span className="quote-text" dir="auto">{about.text}</span>
      <IconButton icon="close" label={mode.kind === 'edit' ? 'Cancel the edit' : 'Cancel the quote'} onClick={onCancel} />
    </div>
  );
}
