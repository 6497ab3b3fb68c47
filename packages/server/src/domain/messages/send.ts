import { isId, limits, placeId, ProtocolError, type MessageMore } from '@talaria/protocol';
import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import type { SendMessage } from '../../storage/command.js';
import { bodyText, parseBody } from '../../storage/message-body.js';
import type { AppCaller } from '../caller.js';
import { actingUser, commandHead, commandResult, commit, requestOf, type CommandMeta, type Committed } from '../commands/submit.js';
import type { Domain } from '../domain.js';
import { contentOf, type SendMore } from './content.js';
import { placeOfMessage } from './place.js';
import { checkText, textMaxOf } from './text-limit.js';

export interface SendInput {
  readonly conversationId: string;
  readonly text: string;
  /** JSON object as text, or empty. */
  readonly data: string;
  readonly silent: boolean;
  /** The app's bound of text, in code points. */
  readonly textMax: number;
  readonly asUserId?: string | undefined;
}

/**
 * Sends a message. The hot path: a user's send runs to the storage without an await.
 *
 * @throws ProtocolError invalid_argument, too_large, rate_limited, and what the rules refuse
 */
export async function sendMessage(domain: Domain, caller: AppCaller, input: SendInput, meta: CommandMeta, rich?: SendMore): Promise<Committed> {
  checkSend(input, rich?.more);
  const user = caller.kind === 'user' && input.asUserId === undefined ? caller.userId : await actingUser(domain, caller, input.asUserId);
  // A message of the backend itself is a system message.
  const payload = bodyText({ text: input.text, data: input.data, silent: input.silent, system: user === null, more: rich?.more });
  const head = commandHead(domain, caller, user, 'messages.send', rich?.request ?? `${input.conversationId} ${payload}`, meta);
  const followers = rich && [...user === null ? [] : [user], ...rich.users];
  // Field by field: to spread the head costs as much as all the rest of a send in this thread.
  const command: SendMessage = {
    kind: 'message.send', app: head.app, actor: head.actor, user: head.user, clientId: head.clientId, requestHash: head.requestHash, traceId: head.traceId,
    conversation: input.conversationId, payload, silent: input.silent, more: rich?.more ?? null, ...(followers && { followers }),
  };
  try {
    return await commit(domain, command, meta.lane);
  } catch (error) {
    // It waits for approval, as its sender's own stream will say; few conversations want that, and no other send names that stream.
    if (user === null || !(error instanceof ProtocolError) || error.code !== 'held') throw error;
    return commit(domain, { ...command, followers: [user, ...rich?.users ?? []] }, meta.lane);
  }
}

/** Set when a message waits for approval. */
export function heldOf({ place }: Committed): OperationOutput<'messages.send'>['held'] {
  return place.type === 'message.held' ? { id: placeId('held', place.stream, place.seq), reason: 'approval' } : null;
}

/** The operation. @throws as `sendMessage`, and not_found for users and messages that are named */
export async function send(domain: Domain, caller: AppCaller, input: OperationInput<'messages.send'>, meta: CommandMeta): Promise<OperationOutput<'messages.send'>> {
  const rich = await contentOf(domain, caller, input);
  const sent = await sendMessage(domain, caller, {
    conversationId: input.conversation_id, text: input.text, data: input.data === undefined ? '' : JSON.stringify(input.data), silent: input.silent, asUserId: input.as_user_id,
    textMax: await textMaxOf(domain, caller.app),
  }, meta, rich);
  return sendResult(sent);
}

/** Stands for what a message said that is gone, in a command that has been done. */
const FORGOTTEN = '…';

/**
 * Sends text and data of a message on. What the forwarder may read is read as they may read it (RES4); the copy has no tie to where
 * it came from.
 *
 * @throws ProtocolError not_found, gone, forbidden
 */
export async function forward(domain: Domain, caller: AppCaller, input: OperationInput<'messages.forward'>, meta: CommandMeta): Promise<OperationOutput<'messages.forward'>> {
  const user = await actingUser(domain, caller, input.as_user_id);
  const { conversationId, seq } = placeOfMessage(input.message_id);
  const source = await domain.storage.message(caller.app, user, conversationId, seq);
  const there = source?.deletedMs === null ? source : undefined;
  // SND2: who asks again is answered again, whatever has become of the message since. Nothing of it is needed for that.
  if (!there && !await domain.storage.commandKnown(caller.app, caller.kind === 'user' ? caller.userId : caller.app, meta.clientId)) {
    throw source ? new ProtocolError('gone', 'The message has been deleted.') : new ProtocolError('not_found', 'There is no such message, or it is not visible to you.');
  }
  const { text, data, more } = there ? parseBody(there.payload) : { text: FORGOTTEN, data: '' };
  const forwarded = more?.forwarded ?? { sender_id: there?.sender ?? null, created_ms: there?.createdMs ?? 0 };
  const sent = await sendMessage(domain, caller, {
    // What was allowed when it was said may be said again.
    conversationId: input.conversation_id, text, data, silent: input.silent, asUserId: input.as_user_id, textMax: limits.text_chars_max,
  }, meta, {
    more: { forwarded }, users: [], request: requestOf('messages.forward', input),
  });
  return sendResult(sent);
}

function sendResult(sent: Committed): OperationOutput<'messages.send'> {
  const held = heldOf(sent);
  return { ...commandResult(sent), ...(held && { id: held.id }), held };
}

function checkSend(input: SendInput, more: MessageMore | undefined): void {
  if (!isId('conversation', input.conversationId)) throw new ProtocolError('invalid_argument', 'conversation_id must be the id of a conversation.', { field: 'conversation_id' });
  if (input.text === '' && input.data === '' && !more?.poll) throw new ProtocolError('invalid_argument', 'A message must hold text or data.', { field: 'text' });
  checkText(input.text, input.textMax);
}
