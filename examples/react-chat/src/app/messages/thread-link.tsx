import { useCommands, type MessageView } from '../conversation/conversation-context.js';
import { Icon } from '../parts/icon.js';
import { Time } from '../parts/time.js';

/** How many have replied to a message, and the way there. */
export function ThreadLink({ message }: { readonly message: MessageView }) {
  const { openThread } = useCommands();
  if (!openThread || !message.thread || message.thread.replies === 0) return null;
  const { replies, last_ms: lastMs } = message.thread;
  return (
    <button type="button" className="thread-link" tabIndex={-1} onClick={() => openThread(message)}>
      <Icon name="thread" />{replies} {replies === 1 ? 'reply' : 'replies'}<span className="muted"><Time ms={lastMs} brief /></span>
    </button>
  );
}
