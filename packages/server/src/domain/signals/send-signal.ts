import { ProtocolError } from '@talaria/protocol';
import type { OperationInput } from '@talaria/protocol/operations';
import { resolveUser, type AppCaller } from '../caller.js';
import { actingUser } from '../commands/submit.js';
import type { Domain } from '../domain.js';
import { mayReach } from '../presence/visible.js';
import { notReachable, publishSignal, requireStanding, sharesTyping, standingIn, TYPING } from './signal.js';

/**
 * Sends a signal to those who follow a conversation, or to a user's connected devices. A backend that does not say for whom is nobody,
 * and reaches everybody of its app.
 *
 * @throws ProtocolError invalid_argument, not_found, forbidden, blocked
 */
export async function sendSignal(domain: Domain, caller: AppCaller, input: OperationInput<'signals.send'>): Promise<Record<string, never>> {
  const { conversation_id: conversation, user_id: ref, type } = input;
  if ((conversation === undefined) === (ref === undefined)) throw new ProtocolError('invalid_argument', 'Name either conversation_id or user_id.', { field: 'conversation_id' });
  const json = input.data === undefined ? '' : JSON.stringify(input.data);
  const sender = await actingUser(domain, caller, input.as_user_id);
  const stream = conversation === undefined ? await reachable(domain, caller, sender, ref ?? '') : await writable(domain, caller.app, sender, conversation);
  if (type === TYPING && sender !== null && !sharesTyping(await domain.storage.user(caller.app, sender))) return {};
  publishSignal(domain.bus, caller.app, sender, { stream, type, json, wantedMs: input.lifetime_ms ?? 0 });
  return {};
}

async function writable(domain: Domain, app: string, sender: string | null, conversation: string): Promise<string> {
  const record = await domain.storage.conversation(app, sender, conversation);
  if (!record) throw new ProtocolError('not_found', 'There is no such conversation, or it is not visible to you.');
  if (sender !== null) requireStanding(standingIn(record, sender), () => new ProtocolError('forbidden', 'Your role does not allow signal.send here.'));
  return conversation;
}

async function reachable(domain: Domain, caller: AppCaller, sender: string | null, ref: string): Promise<string> {
  const user = await resolveUser(domain, caller, ref).catch((error: unknown) => {
    throw error instanceof ProtocolError && error.code === 'not_found' ? notReachable() : error;
  });
  const reached = sender === null ? (await domain.storage.user(caller.app, user)) !== null : await mayReach(domain, caller.app, sender, user);
  if (!reached) throw notReachable();
  return user;
}
