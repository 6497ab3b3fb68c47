import type { Messages } from '@talaria/sdk/react';
import { useEffect, useRef } from 'react';
import { useCast } from './conversation-context.js';
import { useMe } from '../account/account-context.js';
import { useAnnounce } from '../parts/announcer.js';

/** Reads to screen readers what comes from others while the conversation is open. */
export function NewMessages({ messages: { entries, hasNewer } }: { readonly messages: Messages }) {
  const me = useMe();
  const { names } = useCast();
  const announce = useAnnounce();
  const known = useRef<number>(undefined);
  useEffect(() => {
    const last = entries.findLast(({ message }) => message.seq > 0)?.message;
    if (!last || hasNewer) return;
    const before = known.current;
    known.current = last.seq;
    if (before !== undefined && last.seq > before && last.sender_id !== me) announce(`${names.get(last.sender_id ?? '') ?? ''}: ${last.text}`);
  }, [entries, hasNewer, me, names, announce]);
  return null;
}
