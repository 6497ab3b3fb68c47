import type { TalariaError } from '../errors.js';
import type { MessageView } from '../state/index.js';

/**
 * `sending`: the outbox has it. `sent`: it has its place in the conversation. `held`: it waits for approval, and `rejected`: it was not
 * approved. `failed`: it was finally refused; `error` says why.
 */
export type MessageStatus = 'sending' | 'sent' | 'held' | 'rejected' | 'failed';

/** A line of a timeline. The same object as long as nothing about it is another. */
export interface TimelineEntry {
  /** Names the line from the moment in which it is sent on, whatever becomes of it; of no two lines at once. */
  readonly key: string;
  /** As HTTP shows it. `id` is empty and `seq` 0 until the server has given it a place. */
  readonly message: MessageView;
  readonly status: MessageStatus;
  readonly error: TalariaError | undefined;
}

/** @param viewer whose own messages are known by their client ids, which they have from the beginning */
export function keyOf({ id, sender_id: sender, client_id: clientId }: MessageView, viewer: string): string {
  return clientId !== null && clientId !== '' && (sender === viewer || id === '') ? clientId : id;
}
