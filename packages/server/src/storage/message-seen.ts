/** A message as one viewer sees it: as the facts say that the viewer may see (ISO2, ISO3), with what the viewer has done with it. */
import { foldReply, foldState, limits, type MessageState, type StateFact } from '@talaria/protocol';
import type { EntryType } from './entry-types.js';
import { hiddenSenders } from './hidden-senders.js';
import { parseBody } from './message-body.js';
import type { Viewer } from './port.js';
import type { ReadTables } from './read-tables.js';
import type { EventRow, MessageRecord, OwnEntries, SeenMessage } from './rows.js';
import { parseStored } from './stored-json.js';
import type { SeenStream } from './stream-view.js';
import { sees, type View } from './visible.js';

const NOTHING: OwnEntries = {};
const NOBODY: ReadonlySet<string> = new Set();

/** One message. @see seenMessages for a page */
export function seenBy(tables: ReadTables, seen: SeenStream, viewer: Viewer, message: MessageRecord, hiding?: ReadonlySet<string>): SeenMessage | null {
  return seenMessages(tables, seen, viewer, [message], hiding)[0] ?? null;
}

/**
 * A page of messages as one viewer sees them; without those that the viewer has hidden, or has hidden with all of their sender's (VIS2).
 *
 * @param messages ascending or descending
 * @param hiding whose messages the viewer hides, where that has been looked up
 */
export function seenMessages(tables: ReadTables, { view, direct }: Pick<SeenStream, 'view' | 'direct'>, viewer: Viewer, messages: readonly MessageRecord[], hiding?: ReadonlySet<string>): SeenMessage[] {
  if (messages.length === 0) return [];
  const { app, conversation } = messages[0]!;
  const [first, last] = [messages[0]!.seq, messages.at(-1)!.seq];
  const [fromSeq, toSeq] = [Math.min(first, last), Math.max(first, last)];
  const types: readonly EntryType[] = viewer === null ? [] : messages.some((one) => one.state !== null) ? ['hidden', 'reaction', 'vote'] : ['hidden'];
  const found = tables.each(types, (type) => new Map(tables.entriesOfKey(app, conversation, type, viewer ?? '', fromSeq, toSeq, messages.length).map((row) => [row.targetSeq, row.value])));
  const [hidden, reactions, votes] = found;
  const senders = direct ? NOBODY : hiding ?? hiddenSenders(tables, app, viewer);
  const shown = messages.filter(({ seq, sender }) => !hidden?.has(seq) && (sender === null || !senders.has(sender)));
  return tables.each(shown, (message) => ({ ...asSeen(tables, view, message), own: ownOf(reactions?.get(message.seq), votes?.get(message.seq)) }));
}

function ownOf(reaction: string | undefined, vote: string | undefined): OwnEntries {
  if (reaction === undefined && vote === undefined) return NOTHING;
  return { ...(reaction !== undefined && { reaction }), ...(vote !== undefined && { vote }) };
}

/**
 * ISO2, ISO3: a message as the last fact about it says that the viewer may see: a change from outside of their time is none of
 * their business. A deletion is, because the text is gone for everyone (VIS4).
 */
function asSeen(tables: ReadTables, view: View, message: MessageRecord): MessageRecord {
  const { app, conversation, seq, changedSeq } = message;
  if (changedSeq === seq || view.ranges.some((range) => range.fromSeq <= seq && changedSeq <= range.toSeq)) return message;
  const changes = visible(view, tables.eventsTargeting(app, conversation, seq, seq, seq, limits.changes_per_message_max));
  const state = stateIn(tables, view, message, changes);
  const edit = changes.findLast((event) => event.type === 'message.updated');
  // Of a message that is gone, whether it had been edited is still to be seen, by who was told.
  if (message.deletedMs !== null) return { ...message, state, editedMs: edit?.timeMs ?? null };
  if (sees(view, message.bodySeq)) return { ...message, state };
  const body = edit ?? tables.eventsBetween(app, conversation, seq, seq, 1)[0];
  if (!body) return message;
  return { ...message, state, payload: body.payload, bodySeq: body.seq, changedSeq: body.seq, editedMs: body.seq === seq ? null : body.timeMs };
}

const visible = (view: View, events: readonly EventRow[]): readonly EventRow[] => events.filter((event) => sees(view, event.seq));

/** ORD5: the state that the viewer's own facts come to. */
function stateIn(tables: ReadTables, view: View, message: MessageRecord, changes: readonly EventRow[]): string | null {
  const { app, conversation, seq } = message;
  let state: MessageState = {};
  // VIS4: what is emptied did nothing that is left, also for who has not seen the message go.
  for (const event of changes) if (!event.redacted) state = foldState(state, factOf(event, parseStored(event.payload) as StateFact['body']));
  const hasThread = message.state !== null && (parseStored(message.state) as MessageState).thread !== undefined;
  const replies = hasThread ? tables.messagesBetween(app, conversation, seq, seq + 1, view.endSeq, limits.changes_per_message_max, 'asc') : [];
  for (const reply of replies) {
    if (!sees(view, reply.seq)) continue;
    const { more } = parseBody(reply.payload);
    const fact = { seq: reply.seq, type: 'message.created', actor: reply.sender, time_ms: reply.createdMs, body: { ...more } };
    state = foldReply(state, fact, reply.countsInThread && reply.deletedMs === null);
  }
  const text = JSON.stringify(state);
  return text === '{}' ? null : text;
}

function factOf(event: EventRow, body: StateFact['body']): StateFact {
  return { seq: event.seq, type: event.type, actor: event.actor, time_ms: event.timeMs, body };
}
