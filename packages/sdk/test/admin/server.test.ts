/** The admin client against a real server. */
import { readFileSync } from 'node:fs';
import { createServer, ensureAdminKey, type RunningServer } from '@talaria/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectAdmin, type Admin } from '../../src/admin/index.js';
import { temporaryDirectory } from '../store/support/place.js';

describe('admin client and server', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let server: RunningServer;
  let installation: Admin;
  let admin: Admin;

  beforeAll(async () => {
    directory = temporaryDirectory();
    server = await createServer({ data: directory.path, port: 0 });
    const { path } = await ensureAdminKey(server, directory.path);
    const key = readFileSync(path, 'utf8').trim();
    installation = connectAdmin({ url: server.url, key });
    const tenant = await installation.tenants.create({ name: 'Acme' });
    const app = await installation.apps.create({ tenant_id: tenant.id, name: 'chat' });
    const appKey = await installation.keys.create({ app_id: app.id, name: 'backend' });
    admin = connectAdmin({ url: server.url, key: appKey.secret });
  });
  afterAll(async () => {
    await server.stop();
    directory.remove();
  });

  it('status says how the server is', async () => {
    expect(await installation.status.get()).toMatchObject({ ready: true, storage: 'sqlite' });
    expect((await installation.cluster.get()).nodes).toMatchObject([{ this_node: true, ready: true }]);
  });

  it('users, a conversation, messages, history, marks', async () => {
    const alice = await admin.users.create({ external_id: 'alice', name: 'Alice', data: { plan: 'pro' } });
    await admin.users.create({ external_id: 'bob' });
    expect(await admin.users.get({ user_id: 'ext:alice' })).toEqual(alice);
    expect((await admin.users.list({ limit: 10 })).items.map(({ external_id: id }) => id)).toEqual(['alice', 'bob']);
    const made = await admin.conversations.create({ member_ids: ['ext:alice', 'ext:bob'], name: 'duo' });
    const { conversation_id: id } = made;
    const sent = await admin.messages.send({ conversation_id: id, text: 'hello', data: { a: [1, null] }, as_user_id: 'ext:alice' });
    expect(sent.duplicate).toBe(false);
    await admin.messages.edit({ message_id: sent.id, text: 'hello!', as_user_id: 'ext:alice' });
    const { items } = await admin.messages.list({ conversation_id: id, limit: 5 });
    expect(items.at(-1)).toMatchObject({ id: sent.id, text: 'hello!', data: { a: [1, null] }, sender_id: alice.id });
    await admin.marks.set({ conversation_id: id, read_seq: sent.seq, as_user_id: 'ext:bob' });
    expect((await admin.inbox.list({ user_id: 'ext:bob' })).items.map((one) => one.id)).toEqual([id]);
    expect((await admin.facts.list({ conversation_id: id, after_seq: 0, limit: 3 })).items.length).toBe(3);
    expect((await admin.auth.token({ external_id: 'alice' })).user_id).toBe(alice.id);
  });

  it('[SND2] the same key is done once, also from another call', async () => {
    const { conversation_id: id } = await admin.conversations.create({ member_ids: ['ext:alice'] });
    const once = { idempotencyKey: 'order 7 shipped' };
    const first = await admin.messages.send({ conversation_id: id, text: 'shipped' }, once);
    expect(await admin.messages.send({ conversation_id: id, text: 'shipped' }, once)).toEqual({ ...first, duplicate: true });
    await expect(admin.messages.send({ conversation_id: id, text: 'other' }, once)).rejects.toMatchObject({ code: 'idempotency_mismatch', retryable: false });
  });

  it('[SND2] an answer that was lost is asked for again, and the command is done once', async () => {
    const { conversation_id: id } = await admin.conversations.create({ member_ids: ['ext:alice'] });
    let lost = 0;
    const losing = (async (...args: Parameters<typeof globalThis.fetch>) => {
      const answer = await fetch(...args);
      if (lost++ === 0) throw new TypeError('fetch failed');
      return answer;
    }) as typeof globalThis.fetch;
    const key = await installation.keys.create({ app_id: (await installation.apps.list({})).items[0]!.id });
    const sent = await connectAdmin({ url: server.url, key: key.secret, fetch: losing }).messages.send({ conversation_id: id, text: 'once' });
    expect(lost).toBe(2);
    expect(sent.conversation_id).toBe(id);
    expect((await admin.messages.list({ conversation_id: id })).items.filter(({ text }) => text === 'once')).toHaveLength(1);
  });

  it('refusals come as errors with their code', async () => {
    await expect(admin.users.get({ user_id: 'ext:nobody' })).rejects.toMatchObject({ name: 'TalariaError', code: 'not_found', retryable: false });
    await expect(admin.tenants.list({})).rejects.toMatchObject({ code: 'forbidden' });
    await expect(admin.users.list({ limit: 100_000 })).rejects.toMatchObject({ code: 'invalid_argument' });
    await expect(connectAdmin({ url: server.url, key: 'tk_wrong' }).users.list({})).rejects.toMatchObject({ code: 'invalid_token' });
  });
});
