import { isId, limits, ProtocolError } from '@talaria/protocol';
import type { AppCaller } from '../caller.js';
import { actingUser, commandHead, submit, type CommandMeta, type CommandResult } from '../commands/submit.js';
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
export async function sendMessage(domain: Domain, caller: AppCaller, input: SendInput, meta: CommandMeta): Promise<CommandResult> {
  if (caller.kind === 'user' && input.asUserId === undefined) return append(domain, caller, caller.userId, input, meta);
  return actingUser(domain, caller, input.asUserId).then((user) => append(domain, caller, user, input, meta));
}

function append(domain: Domain, caller: AppCaller, user: string | null, input: SendInput, meta: CommandMeta): Promise<CommandResult> {
  checkSend(input);
  return submit(domain, {
    ...commandHead(domain, caller, user, 'messages.send', [input.conversationId, input.text, input.data, input.silent], meta),
    kind: 'message.send', conversation: input.conversationId, text: input.text, data: input.data, silent: input.silent,
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
