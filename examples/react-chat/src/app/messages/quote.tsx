import { useClient } from '@talaria/sdk/react';
import { useEffect, useState } from 'react';
import { useCommands, type MessageView } from '../conversation/conversation-context.js';
import { useName } from '../people/names.js';

/** A quoted message as it is now; a click shows it in its place. */
export function Quote({ id }: { readonly id: string }) {
  const client = useClient();
  const { jump } = useCommands();
  const [quoted, setQuoted] = useState<MessageView | null>();
  const sender = useName(quoted?.sender_id ?? undefined);
  useEffect(() => {
    let current = true;
    client?.call('messages.get', { message_id: id }).then((found) => current && setQuoted(found), () => current && setQuoted(null));
    return () => {
      current = false;
    };
  }, [client, id]);
  if (quoted === null) return <p className="quote muted">A message that is not there any more</p>;
  if (!quoted) return <p className="quote muted">…</p>;
  return (
    <button type="button" className="quote" tabIndex={-1} onClick={() => jump(quoted)}>
      <span className="quote-sender" dir="auto">{sender}</span>
      <span className="quote-text" dir="auto">{quoted.deleted_ms === null ? quoted.text : 'Deleted'}</span>
    </button>
  );
}
