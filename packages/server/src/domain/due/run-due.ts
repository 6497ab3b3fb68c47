import { ProtocolError } from '@talaria/protocol';
import type { Command } from '../../storage/command.js';
import { Lane } from '../../storage/lane.js';
import type { EntryRow } from '../../storage/rows.js';
import { parseCall } from '../calls/live-call.js';
import { commit, ownHead } from '../commands/submit.js';
import type { Domain } from '../domain.js';
import { parseHeld } from '../messages/apply-hold.js';
import { parseScheduled } from '../messages/apply-schedule.js';
import { parseMessageKey } from '../own/keys.js';

/**
 * Does what an entry's time has come for. The command's id is made of the entry, so that nodes that do it at once, or again after a
 * crash, do it once (SND2).
 *
 * @throws ProtocolError what the storage refuses; it is due still
 */
export async function runDue(domain: Domain, entry: EntryRow): Promise<void> {
  const command = commandFor(domain, entry);
  if (!command) return;
  try {
    await commit(domain, command, new Lane());
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.retryable) throw error;
    // Somebody was faster: it was deleted, cancelled or decided.
    if (error.code !== 'not_found') domain.log.warn('due.refused', { app: entry.app, stream: entry.stream, type: entry.type, code: error.code });
  }
}

function commandFor(domain: Domain, entry: EntryRow): Command | undefined {
  const { app, stream, type, key, targetSeq, seq } = entry;
  // The key, because what waits for approval has a seq of its sender's stream, which two senders may share; and the seq, because
  // one call after the other has the same key.
  const name = `due ${type} ${stream} ${key} ${seq}`;
  const head = ownHead(domain, app, name);
  switch (type) {
    case 'expiry': return { ...head, kind: 'message.expire', conversation: stream, seq: targetSeq };
    case 'poll': return { ...head, kind: 'poll.close', conversation: stream, seq: targetSeq };
    case 'scheduled': {
      const { conversation_id: conversation, followers } = parseScheduled(entry);
      return { ...head, kind: 'schedule.release', conversation, owner: stream, scheduledSeq: seq, followers };
    }
    case 'held': {
      const { conversation: sender, seq: heldSeq } = parseMessageKey(key);
      return { ...head, kind: 'held.decide', conversation: stream, sender, heldSeq, approve: false, reason: 'not_approved_in_time', followers: parseHeld(entry).followers };
    }
    // Its id is made of the fact that changed the call last: what has changed since is due at another time, by another command.
    case 'call': return { ...head, kind: 'call.overdue', conversation: stream, callSeq: parseCall(entry).seq, entrySeq: seq };
    default: return undefined;
  }
}
