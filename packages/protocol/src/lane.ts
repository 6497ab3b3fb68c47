import { parseMessageId, parsePlaceId } from './ids.js';

/**
 * The lane that a command takes: what one connection sends in one lane is done in the order in which it was sent (SND4).
 *
 * @param input of an operation that is a command
 * @returns the conversation that it is about; empty when it is about none, which is a lane as well
 */
export function laneOf(input: unknown): string {
  if (typeof input !== 'object' || input === null) return '';
  if ('conversation_id' in input && typeof input.conversation_id === 'string') return input.conversation_id;
  if ('message_id' in input && typeof input.message_id === 'string') return parseMessageId(input.message_id)?.conversationId ?? '';
  if ('call_id' in input && typeof input.call_id === 'string') return parsePlaceId('call', 'conversation', input.call_id)?.stream ?? '';
  return '';
}
