import type { Messages } from '@talaria/sdk/react';
import { Fragment, useCallback, useMemo, useState, type KeyboardEvent, type ReactNode } from 'react';
import { MessageRow } from './message-row.js';
import { rowsOf } from './rows.js';
import { useMessageScroll } from './use-message-scroll.js';
import { useReceipt } from './use-receipt.js';
import { useMe } from '../account/account-context.js';
import { useOpened } from '../conversation/conversation-context.js';
import { Icon } from '../parts/icon.js';

export interface MessageListProps {
  readonly messages: Messages;
  /** What it is called for screen readers. */
  readonly label: string;
  /** Up to which seq the user had read when it was opened. */
  readonly newAfter: number | undefined;
  /** A seq to show. */
  readonly target: number | undefined;
  /** It is shown, or is not there any more. */
  readonly onTarget: () => void;
  /** How much of it the user has seen. */
  readonly onSeen: (seq: number) => void;
  /** Counts what was sent here: the end is shown then. */
  readonly sent: number;
  /** Above the first message, where there is nothing older. */
  readonly head: ReactNode;
  readonly empty: ReactNode;
}

/** Messages, from the oldest that is loaded to the newest; more are loaded before their end is reached. Arrow keys move. */
export function MessageList({ messages, label, newAfter, target, onTarget, onSeen, sent, head, empty }: MessageListProps) {
  const me = useMe();
  const { kind } = useOpened();
  const { entries, hasOlder, hasNewer, loading, error, loadOlder, loadNewer } = messages;
  const rows = useMemo(() => rowsOf(entries, newAfter, me), [entries, newAfter, me]);
  const { scroller, list, atEnd, flash, toEnd } = useMessageScroll({ messages, target, onTarget, onSeen, sent });
  const receipt = useReceipt();
  const [active, setActive] = useState<string>();
  const activate = useCallback((key: string, on: boolean) => setActive((before) => (on ? key : before === key ? undefined : before)), []);
  const lastOwn = entries.findLast(({ message, status }) => message.sender_id === me && status === 'sent')?.key;
  const stop = active !== undefined && entries.some(({ key }) => key === active) ? active : entries.at(-1)?.key;

  return (
    <div className="messages">
      <div ref={scroller} className="scroller messages-scroller" onKeyDown={(event) => moveFocus(event, list.current)}>
        <div className="messages-head">
          {loading === 'older' && <p className="hint" role="status">Loading older messages…</p>}
          {error && entries.length > 0 && <p className="hint" role="alert">{error.message} <button type="button" className="link-button" onClick={() => void (hasNewer ? loadNewer() : loadOlder())}>Try again</button></p>}
          {!hasOlder && loading !== 'first' && head}
        </div>
        {entries.length === 0 && <div className="empty">{loading === 'first' ? <p role="status">Loading…</p> : error ? <p role="alert">{error.message}</p> : empty}</div>}
        <ol ref={list} className="message-list" aria-label={label}>
          {rows.map(({ entry, day, divider, starts }) => {
            const own = entry.message.sender_id === me;
            const got = own && entry.status === 'sent' ? receipt(entry.message.seq) : undefined;
            return (
              <Fragment key={entry.key}>
                {day !== undefined && <li className="day"><span>{day}</span></li>}
                {divider && <li className="divider"><span>New messages</span></li>}
                <MessageRow entry={entry} own={own} starts={starts} named={!own && kind !== 'direct'} receipt={got?.state} receiptText={got?.text} told={entry.key === lastOwn}
                  active={entry.key === active} stop={entry.key === stop} flash={entry.message.seq > 0 && entry.message.seq === flash} onActive={activate} />
              </Fragment>
            );
          })}
        </ol>
        {loading === 'newer' && <p className="hint" role="status">Loading newer messages…</p>}
      </div>
      {!atEnd && entries.length > 0 && <button type="button" className="to-end" onClick={toEnd}><Icon name="down" />{hasNewer ? 'Newest messages' : 'To the end'}</button>}
    </div>
  );
}

function moveFocus(event: KeyboardEvent, list: HTMLElement | null): void {
  if (event.defaultPrevented || !(event.target instanceof HTMLElement) || !event.target.matches('[data-key]')) return;
  const all = [...list?.querySelectorAll<HTMLElement>('[data-key]') ?? []];
  const at = all.indexOf(event.target);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined || event.altKey) return;
  event.preventDefault();
  const next = all[Math.min(Math.max(0, to), all.length - 1)];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: 'nearest' });
}
