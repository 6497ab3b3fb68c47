import { useMemo } from 'react';
import type { Draft, DraftView } from '../views/index.js';
import { keyFor, useView } from './use-view.js';

/** A draft, and how it is changed. */
export type DraftText = DraftView & Pick<Draft, 'set' | 'clear'>;

const EMPTY: DraftView = { text: '', data: {}, saving: false, error: undefined };

/** What the user is writing in a conversation or a thread, on all of their devices. @param conversationId undefined for none */
export function useDraft(conversationId: string | undefined, threadId?: string): DraftText {
  const [state, draft] = useView<DraftView, Draft>(conversationId === undefined ? undefined : keyFor('draft', conversationId, threadId), { make: (views) => views.draft(conversationId ?? '', threadId), empty: EMPTY });
  return useMemo(() => ({ ...state, set: (text, data) => draft().set(text, data), clear: () => draft().clear() }), [state, draft]);
}
