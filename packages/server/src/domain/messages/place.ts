import { parseMessageId, ProtocolError, type MessagePlace } from '@talaria/protocol';

/** @throws ProtocolError not_found, as for any id that names nothing */
export function placeOfMessage(id: string): MessagePlace {
  const place = parseMessageId(id);
  if (!place) throw new ProtocolError('not_found', 'There is no such message, or it is not visible to you.');
  return place;
}

/** @throws ProtocolError invalid_argument for a message of another conversation */
export function seqIn(conversation: string, messageId: string, field: string): number {
  const place = placeOfMessage(messageId);
  if (place.conversationId !== conversation) throw new ProtocolError('invalid_argument', `${field} must be a message of the same conversation.`, { field });
  return place.seq;
}
