import { parseStored } from './stored-json.js';

/** The body of message facts, as JSON in the log and typed on the wire. */
export interface MessageBody {
  readonly text: string;
  /** JSON text of the app's own data, or empty. */
  readonly data: string;
  readonly silent: boolean;
  readonly system: boolean;
}

/** Leaves out what is at its default. */
export function bodyText(body: MessageBody): string {
  // JSON leaves out what is undefined.
  return JSON.stringify({ text: body.text || undefined, data: body.data || undefined, silent: body.silent || undefined, system: body.system || undefined });
}

/** @param payload what `bodyText` made, or what is left of it after the message was deleted (VIS4) */
export function parseBody(payload: string): MessageBody {
  const { text = '', data = '', silent = false, system = false } = parseStored(payload) as Partial<MessageBody>;
  return { text, data, silent, system };
}
