/** Two apps of one customer, each with its own alice, made over HTTP. */
import { createApi, type Api } from './api.js';

export interface Actor {
  readonly name: string;
  readonly id: string;
  readonly token: string;
}

export interface AppStage {
  readonly name: string;
  readonly id: string;
  readonly publicKey: string;
  /** With a key of this app. */
  readonly api: Api;
  /** With a token of a user of this app. */
  as(name: string): Api;
  actor(name: string): Actor;
  /** The one group of this app, with everybody in it. */
  readonly group: string;
  /** A text that belongs to this app only. */
  readonly canary: string;
}

/** @param url where the server is at the moment: it may come back somewhere else */
export async function setStage(url: () => string, adminKey: string): Promise<{ readonly a: AppStage; readonly b: AppStage }> {
  const admin = createApi(url, adminKey);
  const tenant = await admin.call<{ id: string }>('POST', '/v1/tenants', { name: 'Demo' });
  const make = (name: string, users: readonly string[]): Promise<AppStage> => makeApp(url, admin, tenant.id, name, users);
  return { a: await make('A', ['alice', 'bob', 'carol']), b: await make('B', ['alice', 'erin']) };
}

async function makeApp(url: () => string, admin: Api, tenantId: string, name: string, users: readonly string[]): Promise<AppStage> {
  const app = await admin.call<{ id: string; public_key: string }>('POST', '/v1/apps', { tenant_id: tenantId, name });
  const key = await admin.call<{ secret: string }>('POST', '/v1/keys', { app_id: app.id, name: 'demo' });
  const api = createApi(url, key.secret);
  const actors = await Promise.all(users.map(async (user): Promise<Actor> => {
    const minted = await api.call<{ token: string; user_id: string }>('POST', '/v1/auth/token', { external_id: user });
    return { name: user, id: minted.user_id, token: minted.token };
  }));
  const group = await api.call<{ conversation_id: string }>('POST', '/v1/conversations', { kind: 'group', name: `Group ${name}`, member_ids: actors.map(({ id }) => id) });
  const actor = (wanted: string): Actor => {
    const found = actors.find((one) => one.name === wanted);
    if (found === undefined) throw new Error(`no user ${wanted} in the app ${name}`);
    return found;
  };
  return {
    name, id: app.id, publicKey: app.public_key, api, actor, group: group.conversation_id,
    as: (user) => createApi(url, actor(user).token),
    canary: `Only app ${name} may see this: ${crypto.randomUUID()}.`,
  };
}
