import type { MessageMore } from '@talaria/protocol';
import { bodyText, parseBody } from '../../storage/message-body.js';

interface Waiting {
  readonly payload: string;
  readonly more: MessageMore | null;
}

/**
 * What a message that has waited holds when it is sent: its times count from then, however long it has waited.
 *
 * @param fromMs from when they were counted
 */
export function countedAnew({ payload, more }: Waiting, fromMs: number, nowMs: number): Waiting {
  const { expires_ms, poll } = more ?? {};
  const lateMs = nowMs - fromMs;
  if (lateMs <= 0 || (expires_ms === undefined && poll?.closes_ms === undefined)) return { payload, more };
  const later: MessageMore = {
    ...more, ...(expires_ms !== undefined && { expires_ms: expires_ms + lateMs }), ...(poll?.closes_ms !== undefined && { poll: { ...poll, closes_ms: poll.closes_ms + lateMs } }),
  };
  return { payload: bodyText({ ...parseBody(payload), more: later }), more: later };
}
