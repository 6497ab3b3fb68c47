import { limits, ProtocolError, type MessageMore } from '@talaria/protocol';
import type { Command, DecideHeld } from '../../storage/command.js';
import type { EntryPlace } from '../../storage/entries.js';
import { parseBody } from '../../storage/message-body.js';
import type { EntryRow, EventRow } from '../../storage/rows.js';
import { parseStored } from '../../storage/stored-json.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { authorise, type Authorised } from '../conversations/authorise.js';
import { settingsOf } from '../conversations/settings.js';
import { messageKey } from '../own/keys.js';
import { authoriseSend, sendRich } from './append-message.js';
import type { Sending } from './sending.js';
import { countedAnew } from './times.js';

/** A message that waits for approval (VIS3). */
export interface Held {
  readonly sender_id: string;
  readonly payload: string;
  readonly silent: boolean;
  readonly more: MessageMore | null;
  readonly followers: readonly string[];
  readonly client_id: string;
  readonly reason: string;
  readonly created_ms: number;
}

export const heldPlace = (app: string, conversation: string, sender: string, seq: number): EntryPlace =>
  ({ app, stream: conversation, type: 'held', key: messageKey(sender, seq), targetSeq: 0 });
export const parseHeld = (row: EntryRow): Held => parseStored(row.value) as Held;

/**
 * Keeps a message until it is approved: a fact of its sender's stream, and none of the conversation.
 *
 * @throws ProtocolError held when the sender's stream was not named: the caller sends it again with that
 */
export function hold(work: UnitOfWork, command: Command, sending: Sending, { conversation, member }: Authorised): EventRow {
  const sender = member!.user;
  if (!sending.followers.includes(sender)) throw new ProtocolError('held');
  if (work.entriesOfType(command.app, conversation.id, 'held', limits.held_max).length >= limits.held_max) {
    throw new ProtocolError('overloaded', 'Too many messages wait for approval here.', { retryAfterMs: 60_000 });
  }
  const reason = 'approval';
  const dueMs = work.now() + (settingsOf(conversation).approval?.timeout_s ?? 0) * 1_000;
  const { text, data, more } = parseBody(sending.payload);
  const event = work.append(command, {
    stream: sender, type: 'message.held', ...(sending.by && { by: sending.by }),
    payload: JSON.stringify({ conversation_id: conversation.id, reason, expires_ms: dueMs, text, data: data === '' ? {} : parseStored(data), ...more }),
  });
  const held: Held = {
    sender_id: sender, payload: sending.payload, silent: sending.silent, more: sending.more, followers: sending.followers, client_id: sending.by?.clientId ?? command.clientId, reason, created_ms: event.timeMs,
  };
  work.putEntry({ ...heldPlace(command.app, conversation.id, sender, event.seq), seq: event.seq, value: JSON.stringify(held), dueMs });
  return event;
}

/**
 * Lets a held message in, or turns it away: its sender, too, who need not be a member any more. One whose sender may not write any more is
 * turned away when it is approved. What it said leaves the sender's stream.
 */
export function applyDecideHeld(work: UnitOfWork, command: DecideHeld): EventRow {
  const { app, conversation, sender, heldSeq } = command;
  const withdrawn = command.user === sender && !command.approve;
  if (!withdrawn) authorise(work, command, conversation, 'message.approve');
  const place = heldPlace(app, conversation, sender, heldSeq);
  const entry = work.entry(place);
  if (!entry) throw new ProtocolError('not_found', 'No such message waits.', { field: 'held_id' });
  const held = parseHeld(entry);
  const sent = command.approve ? release(work, command, held) : command.reason || (withdrawn ? 'withdrawn' : '');
  const answered = typeof sent === 'string'
    ? work.append(command, { stream: sender, type: 'message.rejected', payload: JSON.stringify({ conversation_id: conversation, held_seq: heldSeq, reason: sent }) })
    : work.append(command, { stream: sender, type: 'message.released', payload: JSON.stringify({ conversation_id: conversation, held_seq: heldSeq, seq: sent.seq }) });
  work.removeEntry(place);
  work.redact(app, sender, heldSeq);
  return typeof sent === 'string' ? answered : sent;
}

/** @returns the message's fact, or why it was refused */
function release(work: UnitOfWork, command: DecideHeld, held: Held): EventRow | string {
  const sending = {
    app: command.app, conversation: command.conversation, user: held.sender_id, silent: held.silent, followers: held.followers, ...countedAnew(held, held.created_ms, work.now()),
    by: { user: held.sender_id, clientId: held.client_id },
  };
  return orRefusal(work, () => sendRich(work, command, sending, authoriseSend(work, sending)));
}

/** What the rules say to a message when its time has come. They check before they change anything. */
export function orRefusal(work: UnitOfWork, send: () => EventRow): EventRow | string {
  const { changes } = work;
  try {
    return send();
  } catch (error) {
    if (error instanceof ProtocolError && work.changes === changes) return error.code;
    throw error;
  }
}
