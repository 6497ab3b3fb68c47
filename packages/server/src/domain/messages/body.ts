/** The body of message facts, as JSON in the log and typed on the wire. */
export interface MessageBody {
  readonly text: string;
  /** JSON text of the app's own data, or empty. */
  readonly data: string;
  readonly silent: boolean;
  readonly system: boolean;
  readonly ordinal: number;
  readonly sender_ordinal: number;
}

const EMPTY: MessageBody = { text: '', data: '', silent: false, system: false, ordinal: 0, sender_ordinal: 0 };

/** Leaves out what is at its default. */
export function bodyText(body: MessageBody): string {
  // JSON leaves out what is undefined.
  return JSON.stringify({
    text: body.text || undefined, data: body.data || undefined, silent: body.silent || undefined, system: body.system || undefined,
    ordinal: body.ordinal || undefined, sender_ordinal: body.sender_ordinal || undefined,
  });
}

/** @param payload what `bodyText` made */
export function parseBody(payload: string): MessageBody {
  return { ...EMPTY, ...(JSON.parse(payload) as Partial<MessageBody>) };
}

/** What is left of a message after it was deleted for everyone (VIS4): its place in the count. */
export function tombstoneText(ordinal: number, senderOrdinal: number): string {
  return bodyText({ ...EMPTY, ordinal, sender_ordinal: senderOrdinal });
}
