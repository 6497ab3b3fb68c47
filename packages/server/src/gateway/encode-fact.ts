import type { FactInput } from '@talaria/protocol';
import { parseBody } from '../storage/message-body.js';
import type { EventRow } from '../storage/rows.js';

/** A fact as wire.proto has it: messages typed, everything else as JSON. */
export function factInput(event: EventRow): FactInput {
  const message = event.type === 'message.created' || event.type === 'message.updated' ? messageInput(event) : undefined;
  return {
    seq: event.seq, event_id: event.eventId, type: event.type, version: event.version === 1 ? 0 : event.version, actor: event.actor ?? '', time_ms: event.timeMs,
    target_seq: event.targetSeq ?? 0, client_id: event.clientId ?? '', redacted: event.redacted,
    trace_id: event.traceId === null ? undefined : Buffer.from(event.traceId, 'hex'),
    message, json: message ? undefined : event.payload,
  };
}

function messageInput(event: EventRow): FactInput['message'] {
  const { text, data, silent, system, more } = parseBody(event.payload);
  return { text, data, silent, system, more: more ? JSON.stringify(more) : '', ordinal: event.ordinal, sender_ordinal: event.senderOrdinal };
}
