import { useConversations } from '@talaria/sdk/react';
import { useEffect, useRef } from 'react';
import { go, useRoute } from './route.js';

/** @returns whether keys are text there */
const isField = (target: EventTarget | null): boolean => target instanceof HTMLElement && target.matches('input, textarea, [contenteditable]');

/** Keys that work wherever the focus is. */
export function useShortcuts(help: () => void): void {
  const { conversations } = useConversations({ sort: 'pinned' });
  const route = useRoute();
  const latest = useRef({ conversations, route, help });
  useEffect(() => {
    latest.current = { conversations, route, help };
  });
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || document.querySelector('dialog[open]')) return;
      const { conversations, route, help } = latest.current;
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') document.getElementById('search')?.focus();
      else if (event.altKey && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
        const at = conversations.findIndex(({ id }) => id === route.conversationId);
        const next = conversations[event.key === 'ArrowDown' ? at + 1 : Math.max(0, at - 1)];
        if (next) go({ conversationId: next.id });
      } else if (event.key === '?' && !isField(event.target)) help();
      else if (event.key === 'Escape' && route.conversationId !== undefined) leave(route.conversationId, route.threadId);
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

/** One step out: of the thread, back to where one writes; then of the conversation, whose row has the focus then. */
function leave(conversationId: string, threadId: string | undefined): void {
  if (threadId !== undefined) {
    // Where the thread took the place of the conversation, that is there again in the next frame.
    const back = (): void => void requestAnimationFrame(() => document.querySelector<HTMLElement>('.conversation-main textarea')?.focus());
    addEventListener('hashchange', back, { once: true });
    go({ conversationId });
    return;
  }
  go({});
  document.querySelector<HTMLElement>(`a[data-conversation="${CSS.escape(conversationId)}"]`)?.focus();
}
