import { useClient } from '@talaria/sdk/react';
import { useEffect, useState } from 'react';
import { useCast, useCommands, type MessageView } from '../conversation/conversation-context.js';
import { useName } from '../people/names.js';

/** A quoted message as it is now; a click shows it in its place. */
export function Quote({ id }: { readonly id: string }) {
  const { jump } = useCommands();
  const quoted = useQuoted(id);
  const sender = useName(quoted?.sender_id ?? undefined);
  if (quoted === null) return <p className="quote muted">A message that is not there any more</p>;
  if (!quoted) return <p className="quote muted">…</p>;
  return (
    <button type="button" className="quote" tabIndex={-1} onClick={() => jump(quoted)}>
      <span className="quote-sender" dir="auto">{sender}</span>
      <span className="quote-text" dir="auto">{quoted.deleted_ms === null ? quoted.text : 'Deleted'}</span>
    </button>
  );
}

/** @returns undefined until it is known; null where it is not there, or not for the user */
function useQuoted(id: string): MessageView | null | undefined {
  const client = useClient();
  const { quotes } = useCast();
  const [quoted, setQuoted] = useState<MessageView | null | undefined>(() => quotes.get(id));
  useEffect(() => {
    if (!client) return;
    let current = true;
    const read = (): void => void client.call('messages.get', { message_id: id }).then((found) => {
      quotes.set(id, found);
      if (current) setQuoted(found);
    }, () => current && setQuoted(null));
    read();
    const stop = client.on('fact', ({ stream, targetSeq }) => {
      const known = quotes.get(id);
      if (stream === known?.conversation_id && targetSeq === known.seq) read();
    });
    return () => {
      current = false;
      stop();
    };
  }, [client, id, quotes]);
  return quoted;
}
