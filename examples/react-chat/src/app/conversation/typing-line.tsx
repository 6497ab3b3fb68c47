import { useTyping } from '@talaria/sdk/react';
import { listOf, useNames } from '../people/names.js';

/** Who else is writing at this moment. */
export function TypingLine({ conversationId }: { readonly conversationId: string }) {
  const { users } = useTyping(conversationId);
  const names = useNames(users);
  return (
    <p className="typing" role="status">
      {users.length > 0 && <><span className="dots" aria-hidden="true"><i /><i /><i /></span>{listOf([...names.values()])} {users.length === 1 ? 'is' : 'are'} typing</>}
    </p>
  );
}
