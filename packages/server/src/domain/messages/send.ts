import { isId, limits, ProtocolError } from '@talaria/protocol';
import { bodyText } from '../../storage/message-body.js';
import type { AppCaller } from '../caller.js';
import { actingUser, commandHead, commit, type CommandMeta, type Committed } from '../commands/submit.js';
import type { Domain } from '../domain.js';

export interface SendInput {
  readonly conversationId: string;
  readonly text: string;
  /** JSON object as text, or empty. */
  readonly data: string;
  readonly silent: boolean;
  readonly asUserId?: string | undefined;
}

/**
 * Sends a message. The hot path: a user's send runs to the storage without an await.
 *
 * @throws ProtocolError invalid_argument, too_large, rate_limited, and what the rules refuse
 */
export async function sendMessage(domain: Domain, caller: AppCaller, input: SendInput, meta: CommandMeta): Promise<Committed> {
  checkSend(input);
  const user = caller.kind === 'user' && input.asUserId === undefined ? caller.userId : await actingUser(domain, caller, input.asUserId);
  // A message of the backend itself is a system message.
  const payload = bodyText({ text: input.text, data: input.data, silent: input.silent, system: user === null });
  const head = commandHead(domain, caller, user, 'messages.send', `${input.conversationId} ${payload}`, meta);
  // Field by field: to spread the head costs as much as all the rest of a send in this thread.
  return commit(domain, {
    kind: 'message.send', app: head.app, actor: head.actor, user: head.user, clientId: head.clientId, requestHash: head.requestHash, traceId: head.traceId,
    conversation: input.conversationId, payload, silent: input.silent,
  }, meta.lane);
}

function checkSend(input: SendInput): void {
  if (!isId('conversation', input.conversationId)) throw new ProtocolError('invalid_argument', 'conversation_id must be the id of a conversation.', { field: 'conversation_id' });
  if (input.text === '' && input.data === '') throw new ProtocolError('invalid_argument', 'A message must hold text or data.', { field: 'text' });
  // Code units bound code points from above, so most texts are never walked.
  if (input.text.length > limits.text_chars_max && [...input.text].length > limits.text_chars_max) {
    throw new ProtocolError('too_large', `text must have at most ${limits.text_chars_max} code points.`, { field: 'text' });
  }
}
