import { useDraft } from '@talaria/sdk/react';
import { useCallback, useEffect, useState } from 'react';
import type { ComposerMode } from './composer.js';

export interface ComposerText {
  readonly text: string;
  readonly setText: (text: string) => void;
  /** It was sent, or is given up. */
  readonly clear: () => void;
}

/**
 * What stands in the field: the draft, which is on all devices of the user, or the message that is edited. A field of React needs its
 * text in the same turn as the key stroke, or the caret jumps to the end; a draft tells of a change a moment later. So the text is kept
 * here, too, and taken from the draft when that was changed elsewhere.
 */
export function useComposerText(conversationId: string, threadId: string | undefined, mode: ComposerMode): ComposerText {
  const draft = useDraft(conversationId, threadId);
  const [own, setOwn] = useState(draft.text);
  const [edited, setEdited] = useState('');
  const { text, saving, set, clear } = draft;
  useEffect(() => {
    if (!saving) setOwn(text);
  }, [text, saving]);
  const message = mode.kind === 'edit' ? mode.message : undefined;
  useEffect(() => setEdited(message?.text ?? ''), [message]);

  return {
    text: message ? edited : own,
    setText: useCallback((next: string) => {
      if (message) {
        setEdited(next);
        return;
      }
      setOwn(next);
      set(next);
    }, [message, set]),
    clear: useCallback(() => {
      // The draft waits behind the edit.
      if (message) return;
      setOwn('');
      clear();
    }, [message, clear]),
  };
}
