/** One hash for one content, whoever sees it: the sender, an observer, or the log over HTTP. */
import { createHash } from 'node:crypto';

type Json = Readonly<Record<string, unknown>>;

/** SHA-256 of a fact's content, in hex. What the server counts or adds for itself is no content. */
export function contentHash(type: string, body: Json): string {
  return sha256(canonical(MESSAGES.has(type) ? messageContent(body) : body));
}

/** The hash that a message will have once it is a fact. @param system sent by a backend in nobody's name */
export function messageHash(text: string, data: Json, system = false): string {
  return contentHash('message.created', { text, data, system });
}

/** Facts that hold a message. */
const MESSAGES: ReadonlySet<string> = new Set(['message.created', 'message.updated', 'message.held', 'message.scheduled']);
/** What the server counts or adds for itself. */
const OF_THE_SERVER: ReadonlySet<string> = new Set([
  'ordinal', 'sender_ordinal', 'thread_ordinal', 'expires_ms', 'expires_after_read_ms', 'conversation_id', 'reason', 'send_at_ms',
]);

function messageContent({ text = '', data = {}, silent = false, system = false, ...more }: Json): Json {
  return { text, data, silent, system, ...Object.fromEntries(Object.entries(more).filter(([field]) => !OF_THE_SERVER.has(field))) };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** JSON with the keys of every object in order. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, part]) => part !== undefined).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${canonical(part)}`).join(',')}}`;
}
