/** Two apps on one server: one that is attacked with its own credentials, and one of which nothing may be seen. */
import type { OperationId, OperationInput, OperationOutput } from '@talaria/protocol/operations';
import { operations, type Operation } from '@talaria/protocol/operations';
import type { ServerRig } from './server.js';

/** Stands in everything that the other app holds. */
export const CANARY = 'canary-7f3c1d';

export const credentials = ['none', 'admin', 'key', 'narrow_key', 'revoked_key', 'alice', 'bob'] as const;
export type Credential = (typeof credentials)[number];

export interface Scene {
  readonly publicKey: string;
  readonly appId: string;
  /** The secret that user tokens of this app are signed with. */
  readonly signingSecret: string;
  readonly foreignSecret: string;
  readonly credentials: Readonly<Record<Credential, string>>;
  /** What `$group` and the like stand for. Inputs name things, so that they mean the same in every scene. */
  readonly names: ReadonlyMap<string, string>;
  /** Ids of the other app: only who says them may hear them. */
  readonly foreignIds: readonly string[];
}

type Call = <Id extends OperationId>(as: string, id: Id, input: Partial<OperationInput<Id>>) => Promise<OperationOutput<Id>>;

/** Calls an operation as the table says, with what `fetch` makes of it. @throws Error when it is refused */
const caller = (url: string): Call => async (as, id, input) => {
  const operation: Operation = operations[id];
  const fields = { ...input } as Record<string, unknown>;
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(fields[name]);
    delete fields[name];
    return encodeURIComponent(value);
  });
  const answer = await fetch(url + path, {
    method: operation.method, headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
    ...(operation.method !== 'GET' && operation.method !== 'DELETE' && { body: JSON.stringify(fields) }),
  });
  if (!answer.ok) throw new Error(`${id} was refused: ${await answer.text()}`);
  return await answer.json() as OperationOutput<typeof id>;
};

interface AppScene {
  readonly tenant: string;
  readonly app: OperationOutput<'apps.create'>;
  readonly key: OperationOutput<'keys.create'>;
  readonly users: readonly OperationOutput<'auth.token'>[];
  readonly group: string;
  readonly direct: string;
  readonly messages: readonly string[];
}

async function appScene(call: Call, admin: string, word: string): Promise<AppScene> {
  const { id: tenant } = await call(admin, 'tenants.create', { name: 'tenant' });
  const app = await call(admin, 'apps.create', { tenant_id: tenant, name: 'app' });
  const key = await call(admin, 'keys.create', { app_id: app.id });
  const users: OperationOutput<'auth.token'>[] = [];
  for (const name of ['alice', 'bob', 'carol', 'mallory', 'harry', 'hermes']) {
    users.push(await call(key.secret, 'auth.token', { external_id: word === '' ? name : `${word}-${name}`, name: `${word} ${name}`, data: { word }, expires_in_s: 86_400 }));
  }
  const [alice, bob] = users as [OperationOutput<'auth.token'>, OperationOutput<'auth.token'>];
  const { conversation_id: group } = await call(alice.token, 'conversations.create', { member_ids: users.map((user) => user.user_id), name: `${word} group`, data: { word } });
  const { conversation_id: direct } = await call(alice.token, 'conversations.create', { kind: 'direct', member_ids: [bob.user_id] });
  const messages: string[] = [];
  for (const text of ['one', 'two', 'three']) messages.push((await call(alice.token, 'messages.send', { conversation_id: group, text: `${word} ${text}`, data: { word } })).id);
  return { tenant, app, key, users, group, direct, messages };
}

/** @throws Error when the server refuses what it must do */
export async function createScene({ server, adminKey }: ServerRig): Promise<Scene> {
  const call = caller(server.url);
  const own = await appScene(call, adminKey, '');
  const other = await appScene(call, adminKey, CANARY);
  const spare = await call(adminKey, 'tenants.create', { name: 'spare' });
  const spareApp = await call(adminKey, 'apps.create', { tenant_id: spare.id, name: 'spare' });
  const spareKey = await call(adminKey, 'keys.create', { app_id: spareApp.id });
  const narrow = await call(adminKey, 'keys.create', { app_id: own.app.id, scopes: ['users:read'] });
  const revoked = await call(adminKey, 'keys.create', { app_id: own.app.id });
  await call(adminKey, 'keys.revoke', { key_id: revoked.id });
  const [alice, bob, carol, mallory, harry, hermes] = own.users.map((user) => user.token) as [string, string, string, string, string, string];
  const { conversation_id: spareGroup } = await call(alice, 'conversations.create', { member_ids: own.users.map((user) => user.user_id), name: 'spare' });
  const { conversation_id: honest } = await call(harry, 'conversations.create', { member_ids: [own.users[5]!.user_id], name: 'honest' });
  const ids = (prefix: string, of: AppScene): [string, string][] => [
    [`$${prefix}tenant`, of.tenant], [`$${prefix}app`, of.app.id], [`$${prefix}key`, of.key.id], [`$${prefix}group`, of.group], [`$${prefix}direct`, of.direct],
    [`$${prefix}message`, of.messages[0]!], [`$${prefix}message2`, of.messages[1]!],
    ...['alice', 'bob', 'carol', 'mallory'].map((name, at): [string, string] => [`$${prefix}${name}`, of.users[at]!.user_id]),
  ];
  const cursor = async (key: string): Promise<string> => (await (await fetch(`${server.url}/v1/users?limit=1`, { headers: { authorization: `Bearer ${key}` } })).json() as { next: string }).next;
  const { epoch } = await call(adminKey, 'status.get', {});
  const foreign = ids('foreign_', other);
  return {
    publicKey: own.app.public_key, appId: own.app.id, signingSecret: own.app.signing_secret, foreignSecret: other.app.signing_secret,
    credentials: { none: '', admin: adminKey, key: own.key.secret, narrow_key: narrow.secret, revoked_key: revoked.secret, alice, bob },
    foreignIds: foreign.map(([, id]) => id),
    names: new Map([
      ...ids('', own), ...foreign, ['$spare_tenant', spare.id], ['$spare_app', spareApp.id], ['$spare_key', spareKey.id], ['$spare_group', spareGroup],
      ['$cursor', await cursor(own.key.secret)], ['$foreign_cursor', await cursor(other.key.secret)],
      ['$mallory_token', mallory], ['$carol_token', carol], ['$foreign_token', other.users[0]!.token], ['$harry_token', harry], ['$hermes_token', hermes], ['$honest', honest], ['$epoch', epoch],
    ]),
  };
}

/** A value with its names replaced by what they stand for, at any depth and inside of texts. */
export function resolve(names: ReadonlyMap<string, string>, value: unknown): unknown {
  if (typeof value === 'string') return resolveText(names, value);
  if (Array.isArray(value)) return value.map((item) => resolve(names, item));
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(names, item)]));
}

export const resolveText = (names: ReadonlyMap<string, string>, text: string): string => (text.includes('$') ? text.replaceAll(/\$\w+/g, (name) => names.get(name) ?? name) : text);
