import type { Messages } from '@talaria/sdk/react';
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';
import { ScrollKeeper } from './scroll-keeper.js';

export interface MessageScrollOptions {
  readonly messages: Messages;
  readonly target: number | undefined;
  readonly onTarget: () => void;
  readonly onSeen: (seq: number) => void;
  readonly sent: number;
}

export interface MessageScroll {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly list: RefObject<HTMLOListElement | null>;
  readonly atEnd: boolean;
  /** The seq that was jumped to, for a moment. */
  readonly flash: number | undefined;
  readonly toEnd: () => void;
}

/** Pages are loaded when the user is so near to their end: a page that has come is not noticed. */
const NEAR_PX = 2_500;
const FLASH_MS = 3_000;

/** Everything about where the list stands: it loads what comes next, keeps its place, jumps, and tells what was seen. */
export function useMessageScroll({ messages, target, onTarget, onSeen, sent }: MessageScrollOptions): MessageScroll {
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLOListElement>(null);
  const keeper = useRef<ScrollKeeper>(undefined);
  const latest = useRef({ messages, onSeen });
  const [atEnd, setAtEnd] = useState(true);
  const [flash, setFlash] = useState<number>();
  const placed = useRef(false);
  const asked = useRef<number>(undefined);

  const look = useCallback(() => {
    const { messages: { hasOlder, hasNewer, loading, error, loadOlder, loadNewer }, onSeen } = latest.current;
    const element = scroller.current;
    if (!element || !keeper.current || !placed.current) return;
    setAtEnd(keeper.current.atEnd);
    if (loading === false && !error) {
      if (hasOlder && element.scrollTop < NEAR_PX) void loadOlder();
      else if (hasNewer && element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX) void loadNewer();
    }
    if (document.visibilityState === 'visible' && document.hasFocus()) onSeen(keeper.current.lastShownSeq());
  }, []);

  useLayoutEffect(() => {
    latest.current = { messages, onSeen };
  });
  useLayoutEffect(() => {
    if (!scroller.current || !list.current) return;
    const element = scroller.current;
    const made = new ScrollKeeper(element, list.current, () => latest.current.messages.hasNewer);
    keeper.current = made;
    let frame = 0;
    const scrolled = (): void => {
      made.note();
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(look);
    };
    element.addEventListener('scroll', scrolled, { passive: true });
    addEventListener('focus', look);
    document.addEventListener('visibilitychange', look);
    return () => {
      made.close();
      cancelAnimationFrame(frame);
      element.removeEventListener('scroll', scrolled);
      removeEventListener('focus', look);
      document.removeEventListener('visibilitychange', look);
    };
  }, [look]);

  // What is new stands in the upper third at first; else the end is shown.
  useLayoutEffect(() => {
    if (placed.current || messages.entries.length === 0 || target !== undefined) return;
    placed.current = true;
    const divider = list.current?.querySelector<HTMLElement>('.divider');
    if (divider) keeper.current?.show(divider, 0.25);
  }, [messages.entries, target]);
  useLayoutEffect(() => keeper.current?.restore(), [messages.entries, messages.loading]);
  useEffect(look, [look, messages.entries, messages.loading, messages.hasOlder, messages.hasNewer]);

  const { entries, loading, around } = messages;
  useEffect(() => {
    if (target === undefined) {
      asked.current = undefined;
      return;
    }
    const element = list.current?.querySelector<HTMLElement>(`[data-seq="${target}"]`);
    if (element) {
      placed.current = true;
      keeper.current?.show(element, 0.3);
      setFlash(target);
    } else if (loading !== false) return;
    else if (asked.current !== target) {
      asked.current = target;
      keeper.current?.release();
      void around(target);
      return;
    }
    onTarget();
  }, [target, entries, loading, around, onTarget]);
  useEffect(() => {
    if (flash === undefined) return;
    const timer = setTimeout(() => setFlash(undefined), FLASH_MS);
    return () => clearTimeout(timer);
  }, [flash]);

  const toEnd = useCallback(() => {
    keeper.current?.toEnd();
    setAtEnd(true);
    void latest.current.messages.jumpToLatest();
  }, []);
  const shown = useRef(sent);
  useLayoutEffect(() => {
    if (shown.current === sent) return;
    shown.current = sent;
    toEnd();
  }, [sent, toEnd]);
  return { scroller, list, atEnd, flash, toEnd };
}
