import { ProtocolError, type Mentions, type MessageMore } from '@talaria/protocol';
import type { OperationInput } from '@talaria/protocol/operations';
import { resolveUser, viewerOf, type AppCaller } from '../caller.js';
import { requestOf } from '../commands/submit.js';
import type { Domain } from '../domain.js';
import { seqIn } from './place.js';

/** What few messages have. */
export interface SendMore {
  readonly more: MessageMore;
  /** Users who will follow the thread by it. */
  readonly users: readonly string[];
  /** What SND3 compares: times that are counted from now are in the message, and not in the request. */
  readonly request: string;
}

type Content = OperationInput<'messages.send'>;

/**
 * What a message holds beside text and data, in the form of the log. Undefined for most.
 *
 * @param sentMs from when its times count
 *
 * @throws ProtocolError not_found, invalid_argument
 */
export async function contentOf(domain: Domain, caller: AppCaller, input: OperationInput<'messages.send'>, sentMs = domain.clock.now()): Promise<SendMore | undefined> {
  const mentions = input.mentions && await mentionsOf(domain, caller, input.mentions);
  const thread = input.thread_id === undefined ? undefined : seqIn(input.conversation_id, input.thread_id, 'thread_id');
  if (input.in_main && thread === undefined) throw new ProtocolError('invalid_argument', 'in_main is for replies: give thread_id, too.', { field: 'in_main' });
  const more: MessageMore = {
    ...(thread !== undefined && { thread_seq: thread }), ...(input.in_main && { in_main: true }),
    ...(input.quoted_id !== undefined && { quote_seq: seqIn(input.conversation_id, input.quoted_id, 'quoted_id') }),
    ...(mentions && { mentions }), ...(input.poll && { poll: pollOf(input.poll, sentMs) }),
    ...(input.expires_in_s !== undefined && { expires_ms: sentMs + input.expires_in_s * 1_000 }),
  };
  if (Object.keys(more).length === 0) return undefined;
  const request = requestOf('messages.send', input, { mentions });
  return { more, request, users: [...mentions?.user_ids ?? [], ...thread === undefined ? [] : await authorOf(domain, caller, input.conversation_id, thread)] };
}

/** Whom a message mentions, by their own ids, each once. */
export async function mentionsOf(domain: Domain, caller: AppCaller, input: NonNullable<Content['mentions']>): Promise<Mentions | undefined> {
  const users = await Promise.all(input.user_ids.map((ref) => resolveUser(domain, caller, ref, 'mentions.user_ids')));
  const mentions: Mentions = {
    ...(users.length > 0 && { user_ids: [...new Set(users)] }), ...(input.here && { here: true }), ...(input.everyone && { everyone: true }),
  };
  return Object.keys(mentions).length === 0 ? undefined : mentions;
}

function pollOf(input: NonNullable<Content['poll']>, nowMs: number): NonNullable<MessageMore['poll']> {
  return {
    question: input.question, options: input.options.map((text, at) => ({ id: String(at + 1), text })), ...(input.multiple && { multiple: true }), ...(input.anonymous && { anonymous: true }),
    ...(input.closes_in_s !== undefined && { closes_ms: nowMs + input.closes_in_s * 1_000 }),
  };
}

/** Whoever began a thread follows it with its first reply. */
async function authorOf(domain: Domain, caller: AppCaller, conversation: string, seq: number): Promise<readonly string[]> {
  const root = await domain.storage.message(caller.app, viewerOf(caller), conversation, seq);
  return root?.sender ? [root.sender] : [];
}
