import { limits, ProtocolError, type MessageMore } from '@talaria/protocol';
import type { CancelScheduled, ReleaseScheduled, ScheduleMessage } from '../../storage/command.js';
import type { EntryPlace } from '../../storage/entries.js';
import { parseBody } from '../../storage/message-body.js';
import type { EntryRow, EventRow } from '../../storage/rows.js';
import { parseStored } from '../../storage/stored-json.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { orRefusal } from './apply-hold.js';
import { authoriseSend } from './append-message.js';
import { sendAsSettingsAllow } from './apply-send.js';
import { countedAnew } from './times.js';

/** A message that waits for its time (VIS3). */
export interface Scheduled {
  readonly conversation_id: string;
  readonly payload: string;
  readonly silent: boolean;
  readonly more: MessageMore | null;
  readonly followers: readonly string[];
  readonly client_id: string;
  readonly created_ms: number;
}

const SEQ_DIGITS = 16;
const scheduledKey = (seq: number): string => seq.toString().padStart(SEQ_DIGITS, '0');
const placeOf = (app: string, owner: string, seq: number): EntryPlace => ({ app, stream: owner, type: 'scheduled', key: scheduledKey(seq), targetSeq: 0 });
export const parseScheduled = (row: EntryRow): Scheduled => parseStored(row.value) as Scheduled;

/** Keeps a message until its time: a fact of its sender's stream, and none of the conversation. */
export function applySchedule(work: UnitOfWork, command: ScheduleMessage): EventRow {
  const { app, user, conversation, payload, silent, more, followers, sendAtMs } = command;
  if (user === null) throw new ProtocolError('invalid_argument', 'Say for which user.', { field: 'as_user_id' });
  authoriseSend(work, command);
  if (sendAtMs <= work.now()) throw new ProtocolError('invalid_argument', 'send_at_ms must be a time to come.', { field: 'send_at_ms' });
  if (work.entriesOfType(app, user, 'scheduled', limits.scheduled_max).length >= limits.scheduled_max) {
    throw new ProtocolError('limit_reached', `A user has at most ${limits.scheduled_max} scheduled messages. Cancel one.`);
  }
  const { text, data } = parseBody(payload);
  const event = work.append(command, {
    stream: user, type: 'message.scheduled', payload: JSON.stringify({ conversation_id: conversation, send_at_ms: sendAtMs, text, data: data === '' ? {} : parseStored(data), ...more }),
  });
  const scheduled: Scheduled = { conversation_id: conversation, payload, silent, more, followers, client_id: command.clientId, created_ms: event.timeMs };
  work.putEntry({ ...placeOf(app, user, event.seq), seq: event.seq, value: JSON.stringify(scheduled), dueMs: sendAtMs });
  return event;
}

/** Takes a scheduled message back: whoever's it is, or the backend. */
export function applyCancelScheduled(work: UnitOfWork, command: CancelScheduled): EventRow {
  const entry = command.user === null || command.user === command.owner ? work.entry(placeOf(command.app, command.owner, command.scheduledSeq)) : undefined;
  if (!entry) throw new ProtocolError('not_found', 'There is no such scheduled message.', { field: 'scheduled_id' });
  return end(work, command, parseScheduled(entry).conversation_id, { cause: 'cancelled' });
}

/**
 * Sends a scheduled message whose time has come, as its owner may now and as the conversation allows: it waits for approval, or is
 * refused, where one sent by hand would be. It is sent once: the entry goes in the same transaction.
 *
 * @throws ProtocolError not_found when it has been sent or cancelled
 */
export function applyReleaseScheduled(work: UnitOfWork, command: ReleaseScheduled): EventRow {
  const { app, conversation, owner, scheduledSeq } = command;
  const entry = work.entry(placeOf(app, owner, scheduledSeq));
  if (!entry) throw new ProtocolError('not_found', 'There is no such scheduled message.');
  const scheduled = parseScheduled(entry);
  const sending = {
    app, conversation, user: owner, silent: scheduled.silent, followers: command.followers, ...countedAnew(scheduled, entry.dueMs ?? work.now(), work.now()),
    by: { user: owner, clientId: scheduled.client_id },
  };
  const sent = orRefusal(work, () => {
    // Somebody whose account rests sends nothing by hand either.
    if (work.user(app, owner)?.deactivatedMs != null) throw new ProtocolError('revoked');
    return sendAsSettingsAllow(work, command, sending, authoriseSend(work, sending));
  });
  const ended = end(work, command, conversation, endOf(sent));
  return typeof sent === 'string' ? ended : sent;
}

interface End {
  readonly cause: 'sent' | 'held' | 'cancelled' | 'refused';
  readonly seq?: number;
  readonly held_seq?: number;
  readonly code?: string;
}

function endOf(sent: EventRow | string): End {
  if (typeof sent === 'string') return { cause: 'refused', code: sent };
  return sent.type === 'message.held' ? { cause: 'held', held_seq: sent.seq } : { cause: 'sent', seq: sent.seq };
}

function end(work: UnitOfWork, command: CancelScheduled | ReleaseScheduled, conversation: string, how: End): EventRow {
  const { app, owner, scheduledSeq } = command;
  const event = work.append(command, { stream: owner, type: 'message.unscheduled', payload: JSON.stringify({ conversation_id: conversation, scheduled_seq: scheduledSeq, ...how }) });
  work.removeEntry(placeOf(app, owner, scheduledSeq));
  work.redact(app, owner, scheduledSeq);
  return event;
}
