import { useCommands, type MessageView } from '../conversation/conversation-context.js';
import { nameOfEmoji } from './emoji.js';
import { useAttempt } from '../parts/notices.js';

/** What others have answered with one sign; a click adds one's own, or takes it back. */
export function Reactions({ message }: { readonly message: MessageView }) {
  const { timeline: { react, unreact } } = useCommands();
  const attempt = useAttempt();
  if (message.reactions.length === 0) return null;
  return (
    <div className="reactions">
      {message.reactions.map(({ reaction, count, own }) => (
        <button key={reaction} type="button" className="reaction" aria-pressed={own} tabIndex={-1} aria-label={`${nameOfEmoji(reaction)}, ${count}`} onClick={() => attempt(own ? unreact(message, reaction) : react(message, reaction))}>
          <span aria-hidden="true">{reaction}</span><span aria-hidden="true">{count}</span>
        </button>
      ))}
    </div>
  );
}
