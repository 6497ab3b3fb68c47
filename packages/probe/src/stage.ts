/** An app with users and conversations, made over HTTP as any backend would. */
import { connectAdmin, type Admin } from '@talaria/sdk/admin';
import type { ProbeSetup } from './setup.js';

export interface StageOptions {
  /** Where the server is now. */
  readonly url: string;
  readonly adminKey: string;
  /** Of the app, and of the tenant that is made for it where none is named. */
  readonly name: string;
  readonly tenantId?: string;
  readonly users: number;
  /** For each conversation, the numbers of the users in it. */
  readonly conversations: readonly (readonly number[])[];
}

export interface StageUser {
  readonly name: string;
  readonly id: string;
  readonly token: string;
  readonly conversations: readonly string[];
}

/** Plain data, which outlives the server process. */
export interface AppStage {
  readonly appId: string;
  readonly publicKey: string;
  /** Of this app only. */
  readonly key: string;
  readonly users: readonly StageUser[];
  readonly conversations: readonly string[];
}

const TOKEN_S = 86_400;
const MEMBERS_AT_ONCE = 100;
const CALLS_AT_ONCE = 32;

/** @throws TalariaError what the server refuses */
export async function makeStage({ url, adminKey, name, tenantId, users, conversations }: StageOptions): Promise<AppStage> {
  const installation = connectAdmin({ url, key: adminKey });
  const tenant = tenantId ?? (await installation.tenants.create({ name })).id;
  const app = await installation.apps.create({ tenant_id: tenant, name });
  const { secret: key } = await installation.keys.create({ app_id: app.id, name });
  const backend = connectAdmin({ url, key });
  const minted = await inTurns(Array.from({ length: users }, (_, at) => at), (at) => backend.auth.token({ external_id: `${name}-${at}`, expires_in_s: TOKEN_S }));
  const ids = minted.map(({ user_id: id }) => id);
  const made = await inTurns(conversations, (members) => makeConversation(backend, members.map((at) => ids[at]!)));
  return {
    appId: app.id, publicKey: app.public_key, key, conversations: made,
    users: minted.map(({ user_id: id, token }, at) => ({ name: `${name}-${at}`, id, token, conversations: made.filter((_, of) => conversations[of]!.includes(at)) })),
  };
}

/** What a probe of this user is told, but for where it writes. */
export function setupOf(stage: AppStage, user: StageUser, place: Pick<ProbeSetup, 'url' | 'historyDir' | 'storeFile' | 'textChars' | 'mix'>): ProbeSetup {
  const { appId, publicKey } = stage;
  return { ...place, name: user.name, appId, publicKey, userId: user.id, token: user.token, conversations: user.conversations };
}

async function makeConversation(backend: Admin, members: readonly string[]): Promise<string> {
  const { conversation_id: id } = await backend.conversations.create({ member_ids: members.slice(0, MEMBERS_AT_ONCE) });
  for (let at = MEMBERS_AT_ONCE; at < members.length; at += MEMBERS_AT_ONCE) await backend.members.add({ conversation_id: id, member_ids: members.slice(at, at + MEMBERS_AT_ONCE) });
  return id;
}

async function inTurns<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += CALLS_AT_ONCE) results.push(...await Promise.all(items.slice(at, at + CALLS_AT_ONCE).map(run)));
  return results;
}
