/** Everything of an app that an id can name. */
import { formatId, messageId, placeId } from '@talaria/protocol';
import { randomFillSync } from 'node:crypto';
import type { Scene, Stage } from './stage.js';

export interface Things {
  readonly user: string;
  readonly external: string;
  readonly conversation: string;
  readonly message: string;
  readonly app: string;
  readonly tenant: string;
  readonly key: string;
  readonly link: string;
  readonly code: string;
  readonly scheduled: string;
  readonly held: string;
  readonly call: string;
  readonly session: string;
  readonly operator: string;
  readonly login: string;
  readonly refresh: string;
  /** The id of a token, as `auth.token` tells it. */
  readonly token: string;
  readonly connection: string;
}

export type ThingKind = keyof Things;

/** The password of every account here. */
export const PASSWORD = 'correct horse';

export const newId = (kind: 'user' | 'conversation' | 'app' | 'session' | 'tenant' | 'key' | 'operator' | 'connection'): string => formatId(kind, randomFillSync(new Uint8Array(16)));

/**
 * Makes one of each in a scene.
 *
 * @param external the customer's id of a new user, who is in nothing yet
 * @param acting who schedules a message
 */
export async function makeThings(stage: Stage, { id: app, key, keyId, group, publicKey }: Scene, external: string, acting = 'ext:bob'): Promise<Things> {
  const { tenant_id: tenant } = await stage.done('apps.update', { app_id: app, identity: {} }, { as: stage.adminKey });
  const user = await stage.done('users.create', { external_id: external }, { as: key });
  const { token_id: token } = await stage.done('auth.token', { external_id: external }, { as: key });
  const sent = await stage.done('messages.send', { conversation_id: group, text: 'theirs', as_user_id: 'ext:bob', poll: { question: 'Which?', options: ['this', 'that'] } }, { as: key });
  // Ways in, and what waits.
  for (const name of ['yan', 'ron', 'zoe']) await stage.done('users.create', { external_id: name }, { as: key });
  await stage.done('conversations.settings', { conversation_id: group, join: 'on_request', approval: { timeout_s: 600 } }, { as: key });
  await stage.done('invitations.create', { conversation_id: group, user_ids: ['ext:yan'] }, { as: key });
  await stage.done('requests.create', { conversation_id: group, as_user_id: 'ext:ron' }, { as: key });
  const link = await stage.done('links.create', { conversation_id: group }, { as: key });
  const held = await stage.done('messages.send', { conversation_id: group, text: 'may I?', as_user_id: 'ext:bob' }, { as: key });
  await stage.done('conversations.settings', { conversation_id: group, approval: null }, { as: key });
  const scheduled = await stage.done('scheduled.create', { conversation_id: group, text: 'later', send_at_ms: 4_000_000_000_000, as_user_id: acting }, { as: key });
  const { id: call } = await stage.done('calls.start', { conversation_id: group, kind: 'audio', device_id: 'd', as_user_id: 'ext:bob' }, { as: key });
  const account = { login: external.replaceAll(' ', '.'), password: PASSWORD };
  await stage.done('accounts.set', { user_id: user.id, ...account }, { as: key });
  const { session_id: session, refresh_token: refresh } = await stage.done('identity.login', account, { headers: { 'talaria-app': publicKey } });
  const { operator } = await stage.done('operators.invite', { role: 'viewer' }, { as: stage.adminKey });
  const { token: hello } = await stage.done('auth.token', { external_id: external }, { as: key });
  const { connection_id: connection } = await (await stage.world.socket({ publicKey })).hello(hello);
  return {
    app, tenant, key: keyId, operator: operator.id, session, refresh, token, connection, login: account.login, user: user.id, external: `ext:${external}`, conversation: group, message: sent.id, link: link.id, code: link.code,
    scheduled: scheduled.id, held: held.held!.id, call,
  };
}

/** Lets the user of the things have all that a user can have: so that whoever may ask for it by their name would see it. */
export async function furnish(stage: Stage, { key }: Scene, { conversation, external }: Things): Promise<void> {
  const as_user_id = external;
  await stage.done('members.add', { conversation_id: conversation, member_ids: [external] }, { as: key });
  const { id: own } = await stage.done('messages.send', { conversation_id: conversation, text: 'theirs', as_user_id }, { as: key });
  await stage.done('messages.send', { conversation_id: conversation, text: 'theirs', thread_id: own, as_user_id: 'ext:bob' }, { as: key });
  await stage.done('bookmarks.add', { message_id: own, as_user_id }, { as: key });
  await stage.done('drafts.set', { conversation_id: conversation, text: 'theirs', as_user_id }, { as: key });
  await stage.done('scheduled.create', { conversation_id: conversation, text: 'theirs', send_at_ms: 4_000_000_000_000, as_user_id }, { as: key });
  await stage.done('blocks.add', { user_id: external, blocked_user_id: 'ext:zoe' }, { as: key });
  const { conversation_id: beside } = await stage.done('conversations.create', { member_ids: ['ext:bob'], as_user_id: 'ext:bob' }, { as: key });
  await stage.done('invitations.create', { conversation_id: beside, user_ids: [external] }, { as: key });
  await stage.done('conversations.settings', { conversation_id: beside, join: 'on_request' }, { as: key });
  await stage.done('requests.create', { conversation_id: beside, as_user_id }, { as: key });
}

/** Ids of the same form that name nothing. */
export function absentThings(): Things {
  const [conversation, user, session] = [newId('conversation'), newId('user'), newId('session')];
  return {
    app: newId('app'), tenant: newId('tenant'), key: newId('key'), operator: newId('operator'), user, external: 'ext:nobody', conversation, message: messageId(conversation, 2), link: placeId('link', conversation, 3),
    code: `${placeId('link', conversation, 3)}-${'A'.repeat(22)}`, scheduled: placeId('scheduled', user, 4), held: placeId('held', user, 4), call: placeId('call', conversation, 3), session, login: 'no.body',
    refresh: `tr_${randomFillSync(Buffer.alloc(64)).toString('base64url')}`, token: newId('session'), connection: newId('connection'),
  };
}
