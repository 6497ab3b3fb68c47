import type { MessageMore } from '@talaria/protocol';
import { parseStored } from './stored-json.js';

/** The body of message facts, as JSON in the log and typed on the wire. */
export interface MessageBody {
  readonly text: string;
  /** JSON text of the app's own data, or empty. */
  readonly data: string;
  readonly silent: boolean;
  readonly system: boolean;
  /** What few messages have. */
  readonly more?: MessageMore | undefined;
}

/** Leaves out what is at its default. */
export function bodyText(body: MessageBody): string {
  // JSON leaves out what is undefined.
  return JSON.stringify({
    text: body.text || undefined, data: body.data || undefined, silent: body.silent || undefined, system: body.system || undefined, more: hasAny(body.more) ? body.more : undefined,
  });
}

/** @param payload what `bodyText` made, or what is left of it after the message was deleted (VIS4) */
export function parseBody(payload: string): MessageBody {
  const { text = '', data = '', silent = false, system = false, more } = parseStored(payload) as Partial<MessageBody>;
  return { text, data, silent, system, more };
}

function hasAny(more: MessageMore | undefined): boolean {
  return more !== undefined && Object.values(more).some((value) => value !== undefined);
}

/** VIS4: what is left of a message's own body when it is gone: its place in a thread, and whether it counted there, so that it is still known where it stood. */
export function redactedBody(payload: string): string {
  const { silent, more } = parseBody(payload);
  if (more?.thread_seq === undefined) return '{}';
  const { thread_seq, thread_ordinal, in_main } = more;
  return JSON.stringify({ silent: silent || undefined, more: { thread_seq, thread_ordinal, in_main } });
}
