/** Every operation of the table over HTTP, in one story, on each transport. */
import { operationIds, operations, type Operation, type OperationId, type OperationOutput } from '@talaria/protocol/operations';
import { describe, expect, it } from 'vitest';
import { executeOperation } from '../../src/domain/operations.js';
import { Lane } from '../../src/storage/lane.js';
import { admin } from '../gateway/world.js';
import { expectOk, jsonOf } from './support/reply.js';
import { startStage, type Input, type Stage } from './support/stage.js';
import { tellOfCalls } from './stories/calls.js';
import { tellOfInsight } from './stories/insight.js';
import { tellOfMessages } from './stories/messages.js';
import type { Tell, Who } from './stories/tell.js';
import { tellOfOperators } from './stories/operators.js';
import { tellOfWays } from './stories/ways.js';
import { watchFromBeside } from './stories/beside.js';

/** What is another thing a moment later. */
const CHANGING: ReadonlySet<OperationId> = new Set(['status.get', 'cluster.get', 'stats.get', 'consumers.list']);

/** Tells what an operation gives over HTTP, and holds it against the table and against the operation itself. */
function createTeller(stage: Stage) {
  const told = new Set<OperationId>();
  const inside = (who: Who, id: OperationId, input: Input, clientId = 'none') => executeOperation(stage.world.server.domain, who.caller, id, input, { clientId, traceId: null, lane: new Lane() });

  const tell: Tell = async <Id extends OperationId>(who: Who, id: Id, input: Input): Promise<OperationOutput<Id>> => {
    const operation: Operation = operations[id];
    const reply = expectOk(await stage.call(id, input, { as: who.as }));
    const output = jsonOf<OperationOutput<Id>>(reply);
    expect(operation.output.parse(output), id).toEqual(output);
    if (operation.command) {
      // The same command, asked for inside under the key that HTTP has made for it.
      expect(await inside(who, id, input, reply.headers.get('idempotency-key')!), id).toEqual({ ...output, duplicate: true });
    } else if (operation.method === 'GET' && !CHANGING.has(id)) {
      expect(withoutCursor(await inside(who, id, input)), id).toEqual(withoutCursor(output));
    }
    told.add(id);
    return output;
  };
  /** What is public. */
  async function open<Id extends OperationId>(publicKey: string, id: Id, input: Input): Promise<OperationOutput<Id>> {
    const output = jsonOf<OperationOutput<Id>>(expectOk(await stage.call(id, input, { headers: { 'talaria-app': publicKey } })));
    expect(operations[id].output.parse(output), id).toEqual(output);
    told.add(id);
    return output;
  }
  return { told, tell, open };
}

/** Cursors are sealed anew each time. */
function withoutCursor(output: unknown): unknown {
  const value = JSON.parse(JSON.stringify(output)) as { next?: string | null };
  return 'next' in value ? { ...value, next: value.next === null ? null : 'a cursor' } : value;
}

describe.each(['uws', 'ws'] as const)('over %s', (transport) => {
  it('[ISO1] every operation can be reached, and gives over HTTP what it gives inside; another app hears of none', async () => {
    const stage = await startStage({ transport });
    const beside = await watchFromBeside(stage);
    const { told, tell, open } = createTeller(stage);
    const operator: Who = { as: stage.adminKey, caller: admin };

    // An installation, a tenant and an app.
    const status = await tell(operator, 'status.get', {});
    expect(status).toMatchObject({ transport, storage: 'sqlite', ready: true, version: 'test' });
    expect((await tell(operator, 'cluster.get', {})).nodes).toMatchObject([{ this_node: true, ready: true, bus: true, version: 'test' }]);
    const tenant = await tell(operator, 'tenants.create', { name: 'Acme' });
    expect(await tell(operator, 'tenants.update', { tenant_id: tenant.id, name: 'Acme Ltd' })).toEqual({ ...tenant, name: 'Acme Ltd' });
    expect(await tell(operator, 'tenants.get', { tenant_id: tenant.id })).toEqual({ ...tenant, name: 'Acme Ltd' });
    expect((await tell(operator, 'tenants.list', { limit: 1 })).items).toHaveLength(1);
    const { signing_secret: secret, ...app } = await tell(operator, 'apps.create', { tenant_id: tenant.id, name: 'chat' });
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    const changed = await tell(operator, 'apps.update', { app_id: app.id, retention_days: 30, allowed_origins: ['https://a.example'] });
    expect(changed).toEqual({ ...app, retention_days: 30, allowed_origins: ['https://a.example'] });
    expect(await tell(operator, 'apps.get', { app_id: app.id })).toEqual(changed);
    expect((await tell(operator, 'apps.list', { tenant_id: tenant.id })).items).toEqual([changed]);

    // Its keys.
    const first = await tell(operator, 'keys.create', { app_id: app.id, name: 'backend' });
    const key = await tell(operator, 'keys.rotate', { key_id: first.id, overlap_s: 60 });
    expect((await tell(operator, 'keys.list', { app_id: app.id })).items.map(({ id }) => id)).toEqual([first.id, key.id]);
    expect((await tell(operator, 'keys.revoke', { key_id: first.id })).revoked_ms).toEqual(expect.any(Number));
    const backend: Who = { as: key.secret, caller: { kind: 'backend', app: app.id, keyId: key.id, scopes: key.scopes } };

    // Its users.
    const alice = await tell(backend, 'users.create', { external_id: 'alice', name: 'Alice', data: { plan: 'pro' } });
    const bob = await tell(backend, 'users.create', { external_id: 'bob' });
    await tell(backend, 'users.create', { external_id: 'carol' });
    const minted = await tell(backend, 'auth.token', { external_id: 'alice', expires_in_s: 600 });
    expect(minted.user_id).toBe(alice.id);
    const her: Who = { as: minted.token, caller: { kind: 'user', app: app.id, userId: alice.id } };
    expect(await tell(her, 'users.get', { user_id: 'me' })).toEqual(alice);
    const profile = await tell(her, 'users.update', { user_id: 'me', name: 'Alice A.' });
    expect(profile).toMatchObject({ id: alice.id, stream: alice.id });
    const renamed = await tell(her, 'users.get', { user_id: 'me' });
    expect(renamed).toMatchObject({ id: alice.id, name: 'Alice A.', data: { plan: 'pro' } });
    expect((await tell(her, 'users.batch', { user_ids: ['ext:bob', 'ext:nobody', alice.id] })).items).toEqual([bob, renamed]);
    expect((await tell(her, 'users.presence', { user_ids: ['ext:bob', alice.id] })).items).toEqual([{ user_id: alice.id, online: false, state: 'offline', devices: 0, last_seen_ms: null }]);
    expect((await tell(backend, 'users.presence', { user_ids: ['ext:bob', 'ext:nobody'] })).items.map((item) => item.user_id)).toEqual([bob.id]);
    const page = await tell(backend, 'users.list', { limit: 2 });
    expect(page.items).toEqual([renamed, bob]);
    expect((await tell(backend, 'users.list', { limit: 2, after: page.next })).items.map(({ external_id: id }) => id)).toEqual(['carol']);

    // Accounts and sessions.
    await tell(operator, 'apps.update', { app_id: app.id, identity: { guests: true } });
    const login = { login: 'ann', password: 'correct horse' };
    await open(app.public_key, 'identity.register', login);
    const ann = await open(app.public_key, 'identity.login', login);
    const { refresh_token } = await open(app.public_key, 'identity.refresh', { refresh_token: ann.refresh_token });
    const hers: Who = { as: ann.token, caller: { kind: 'user', app: app.id, userId: ann.user_id, session: ann.session_id } };
    expect(await tell(hers, 'accounts.get', { user_id: 'me' })).toMatchObject({ login: 'ann', guest: false });
    expect((await tell(hers, 'sessions.list', { user_id: 'me' })).items).toMatchObject([{ id: ann.session_id, current: true }]);
    await tell(hers, 'accounts.password', { current_password: 'correct horse', new_password: 'battery staple' });
    await tell(backend, 'accounts.set', { user_id: bob.id, login: 'bob', password: 'correct horse' });
    const guest = await open(app.public_key, 'identity.guest', {});
    await tell(backend, 'sessions.revoke', { user_id: guest.user_id, session_id: guest.session_id });
    expect(await tell(hers, 'sessions.clear', { user_id: 'me' })).toEqual({ ended: 0 });
    await open(app.public_key, 'identity.logout', { refresh_token });

    // A conversation.
    const { conversation_id: group } = await tell(her, 'conversations.create', { member_ids: ['ext:bob'], name: 'plans', data: { topic: 1 } });
    await tell(her, 'conversations.update', { conversation_id: group, name: 'great plans' });
    await tell(her, 'members.add', { conversation_id: group, member_ids: ['ext:carol'] });
    await tell(her, 'members.update', { conversation_id: group, user_id: 'ext:carol', role: 'moderator' });
    expect((await tell(her, 'members.list', { conversation_id: group })).items.map(({ role }) => role).toSorted()).toEqual(['member', 'moderator', 'owner']);
    await tell(backend, 'members.remove', { conversation_id: group, user_id: 'ext:carol', as_user_id: alice.id });
    expect(await tell(her, 'conversations.get', { conversation_id: group })).toMatchObject({ name: 'great plans', member_count: 2, membership: { role: 'owner' } });

    expect((await tell(backend, 'conversations.list', { q: 'gre pla', kind: 'group' })).items.map(({ id, name }) => [id, name])).toEqual([[group, 'great plans']]);
    expect(await tell(backend, 'conversations.list', { q: 'other plans' })).toEqual({ items: [], next: null });
    expect(await tell(backend, 'conversations.list', { kind: 'direct' })).toEqual({ items: [], next: null });

    // Messages.
    const hello = await tell(her, 'messages.send', { conversation_id: group, text: 'hello', data: { mood: 'good' } });
    const oops = await tell(backend, 'messages.send', { conversation_id: group, text: 'oops', as_user_id: 'ext:bob' });
    await tell(her, 'messages.edit', { message_id: hello.id, text: 'hello!' });
    await tell(backend, 'messages.delete', { message_id: oops.id });
    expect(await tell(her, 'messages.get', { message_id: hello.id })).toMatchObject({ text: 'hello!', data: { mood: 'good' }, sender_id: alice.id });
    expect((await tell(her, 'messages.list', { conversation_id: group, after_seq: hello.seq - 1, limit: 2 })).items.map(({ text }) => text)).toEqual(['hello!', '']);
    const facts = await tell(her, 'facts.list', { conversation_id: group, after_seq: hello.seq - 1, limit: 4 });
    expect(facts.items.map(({ type }) => type)).toEqual(['message.created', 'message.created', 'message.updated', 'message.deleted']);
    expect((await tell(her, 'facts.changes', { conversation_id: group, after_seq: hello.seq, from_seq: hello.seq, to_seq: hello.seq })).items.map(({ type }) => type)).toEqual(['message.updated']);

    // Marks.
    expect(await tell(her, 'signals.send', { conversation_id: group, type: 'typing', data: { state: 'start' } })).toEqual({});
    await tell(backend, 'marks.set', { conversation_id: group, read_seq: hello.seq, as_user_id: 'ext:bob' });
    expect((await tell(her, 'marks.list', { conversation_id: group })).items).toContainEqual(expect.objectContaining({ user_id: bob.id, read_seq: hello.seq }));
    await tell(backend, 'marks.unread', { conversation_id: group, from_seq: hello.seq, as_user_id: 'ext:bob' });
    expect((await tell(backend, 'inbox.list', { user_id: 'ext:bob' })).items).toMatchObject([{ id: group, membership: { unread: 1 } }]);
    expect(await tell(backend, 'inbox.unread', { user_id: 'ext:bob', kind: 'group' })).toEqual({ conversations: 1, messages: 1, mentions: 0, complete: true });
    await tellOfMessages(tell, { her, backend, group, alice: alice.id, bob: bob.id });
    await tellOfWays(tell, { her, backend, group, alice: alice.id, bob: bob.id });
    await tellOfCalls(tell, { her, backend, group, alice: alice.id, bob: bob.id });
    await tell(backend, 'usage.list', {});

    // Found again.
    while ((await stage.world.server.domain.storage.indexMessages({ nowMs: 0, limit: 1_000, sweep: 0 })).more);
    expect((await tell(her, 'search.messages', { q: 'HELLO', from_user_ids: ['me'] })).items).toMatchObject([{ message: { id: hello.id }, highlights: [{ from: 0, to: 5 }] }]);
    expect((await tell(backend, 'search.suggest', { q: 'hel' })).items).toEqual([{ word: 'hello', messages: 1 }]);
    expect((await tell(her, 'search.conversations', { q: 'plan' })).items.map(({ id }) => id)).toEqual([group]);
    expect((await tell(her, 'search.users', { q: 'ali' })).items).toMatchObject([{ id: renamed.id, name: renamed.name }]);
    expect(await tell(operator, 'search.status', {})).toMatchObject({ lag_ms: 0, generation: 1 });
    expect((await tell(operator, 'search.rebuild', {})).building).not.toBeNull();

    const socket = await stage.world.client({ publicKey: app.public_key }, minted.token);
    await tellOfInsight(tell, { operator, backend, app: app.id, user: alice.id, group, message: hello.id, socket });
    await tellOfOperators(stage, told, app.id);

    // And away with all of it.
    await tell(backend, 'auth.revoke', { user_id: 'ext:alice' });
    expect(await tell(operator, 'apps.delete', { app_id: app.id })).toEqual({});
    await tell(operator, 'tenants.update', { tenant_id: tenant.id, status: 'suspended' });
    expect(await tell(operator, 'tenants.delete', { tenant_id: tenant.id })).toEqual({});

    expect(operationIds.filter((id) => !told.has(id))).toEqual([]);
    expect(await beside.heard()).toEqual([]);
    await stage.stop();
  });
});
