/** What only the memory driver promises: copies, determinism, and a store that outlives whoever serves it. */
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '@talaria/protocol';
import { decide } from '../../src/domain/decide.js';
import { decideMark } from '../../src/domain/receipts/apply-mark.js';
import { openMemory, serveMemory, type CommitBatch } from '../../src/storage/memory/driver.js';
import type { Storage } from '../../src/storage/port.js';
import { createTestIds } from './ids.js';
import { stagedMemoryStore } from './memory-harness.js';
import { createWorld } from './world.js';

async function furnished(storage: Storage) {
  const world = createWorld(storage, 51);
  const tenant = await storage.createTenant({ id: world.ids.id('tenant'), name: 'T', status: 'active', createdMs: 1 });
  const app = await storage.createApp({
    id: world.app, tenant: tenant.id, name: 'A', publicKey: 'pk', sealedSecret: 's', allowedOrigins: ['one'], retentionDays: null, createUsers: false, linkPreviews: false, textMax: 10_000, issuers: [], identity: null, createdMs: 1,
  });
  const key = await storage.createKey({ id: world.ids.id('key'), app: app.id, name: 'K', prefix: 'p', hash: 'h', scopes: ['read'], createdMs: 1, expiresMs: null, revokedMs: null, lastUsedMs: null });
  const [ann, ben] = await world.users(2) as [string, string];
  const group = await world.group(ann, [ben]);
  const seq = await world.say(group, ann, 'hello');
  await world.edit(group, ann, seq, 'hello again');
  await world.read(group, ben, seq);
  const lease = (await storage.lease('usage', 'me', 0, 1))!;
  await storage.commitProgress(lease, 1, [{ app: app.id, hourMs: 0, messages: 1, facts: 1, bytes: 1 }]);
  await storage.addDeadLetter({ name: 'n', position: 1, app: app.id, stream: group, seq, error: 'e', timeMs: 1 });
  return { world, tenant, app, key, ann, ben, group, seq };
}

/** Everything that can be read, as the caller gets it. */
async function readAll(storage: Storage, { world, tenant, app, key, ben, group, seq }: Awaited<ReturnType<typeof furnished>>): Promise<unknown[]> {
  return [
    await storage.info(), await storage.facts({ app: app.id, stream: group, viewer: ben, afterSeq: 0, limit: 50 }), await storage.head(app.id, group),
    await storage.changes({ app: app.id, conversation: group, viewer: ben, afterSeq: 0, range: { fromSeq: 1, toSeq: 9 }, limit: 9 }),
    await storage.resume({ app: app.id, user: ben, position: 0, placed: [], recent: 9, limit: 9, scan: 9 }), await storage.factsAfterPosition(0, 50),
    await storage.conversation(app.id, ben, group), await storage.inbox(app.id, ben, 9, null), await storage.members(app.id, ben, group, 9, null),
    await storage.intervals(app.id, group, ben), await storage.messages({ app: app.id, conversation: group, viewer: ben, anchor: { kind: 'newest' }, limit: 9 }),
    await storage.message(app.id, ben, group, seq), await storage.marks(app.id, ben, group, 0, 9), await storage.user(app.id, ben),
    await storage.userByExternalId(app.id, 'user-1'), await storage.usersById(app.id, [ben]), await storage.users(app.id, 9, null), await storage.tenant(tenant.id),
    await storage.tenants(9, null), await storage.app(app.id), await storage.appByPublicKey('pk'), await storage.apps(null, 9, null), await storage.key(key.id),
    await storage.keys(null, 9, null), await storage.usage(world.app, 0, 1), await storage.deadLetters('n', 9), await storage.lastSeen(app.id, ben, [ben]),
  ];
}

/** Overwrites everything that hangs on a value. */
function scribble(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    scribble(inner);
    (value as Record<string, unknown>)[name] = 'scribbled';
  }
  if (Array.isArray(value)) value.push('scribbled');
}

describe('memory storage', () => {
  it('[ISO1] gives and takes copies only: nothing that a caller holds is the store\'s own', async () => {
    const storage = serveMemory(stagedMemoryStore());
    const scene = await furnished(storage);
    const before = structuredClone(await readAll(storage, scene));
    expect(before.every((answer) => answer !== null)).toBe(true);
    scribble(await readAll(storage, scene));
    scribble([scene.tenant, scene.app.allowedOrigins, scene.key.scopes]);
    const sent = await scene.world.done(scene.world.message({ user: scene.ann, conversation: scene.group, text: 'x' }));
    scribble(sent.facts);
    await storage.applyRetention(scene.world.app, 0, 10);
    const after = await readAll(storage, { ...scene, tenant: before[17] as typeof scene.tenant });
    expect(JSON.stringify(after)).not.toContain('scribbled');
    expect(after.slice(13, 24)).toEqual(before.slice(13, 24));
  });

  it('[RES5] gives equal answers to equal calls: time and ids come from outside', async () => {
    const answers: unknown[] = [];
    for (let run = 0; run < 2; run += 1) {
      const storage = serveMemory(stagedMemoryStore(7));
      answers.push(await readAll(storage, await furnished(storage)));
    }
    expect(answers[0]).toEqual(answers[1]);
  });

  it('[RES5] keeps the store over a restart of whoever serves it, and another epoch makes another store', async () => {
    const store = stagedMemoryStore(7, { epoch: 'first' });
    const first = serveMemory(store);
    const scene = await furnished(first);
    const before = await readAll(first, scene);
    await first.stop();
    await expect(first.info()).rejects.toBeInstanceOf(ProtocolError);
    expect(await readAll(serveMemory(store), scene)).toEqual(before);
    expect(before[0]).toMatchObject({ epoch: 'first' });
    expect(await serveMemory(stagedMemoryStore(7, { epoch: 'second' })).info()).toEqual({ epoch: 'second', position: 0, eventId: '', schemaVersion: 0 });
  });

  it('[RES5] a copy is what a back-up would hold: a store of its own, with another epoch', async () => {
    const store = stagedMemoryStore(7, { epoch: 'first' });
    const storage = serveMemory(store);
    const scene = await furnished(storage);
    const before = await readAll(storage, scene);
    const copy = serveMemory(store.copy('second'));
    await scene.world.say(scene.group, scene.ann, 'after the copy');
    expect((await readAll(copy, scene)).slice(1)).toEqual(before.slice(1));
    expect(await copy.info()).toMatchObject({ epoch: 'second', position: (before[0] as { position: number }).position });
  });

  it('[ISO4] can lose an answer: the batch is handed over again, and the keys tell', async () => {
    let lost = 0;
    const losing = (commit: CommitBatch): CommitBatch => async (batch) => {
      const outcomes = await commit(batch);
      if (lost > 0) return outcomes;
      lost += 1;
      return commit(batch);
    };
    const storage = serveMemory(stagedMemoryStore(), { around: losing });
    const world = createWorld(storage, 52);
    const ann = await world.user();
    const created = await world.done(world.command('conversation.create', { user: ann, conversationKind: 'group', name: '', data: '{}', history: 'all', members: [] }));
    expect(lost).toBe(1);
    expect(created.duplicate).toBe(true);
    expect(await world.facts(created.stream, ann)).toHaveLength(2);
  });

  it('[SND1] opens in one call', async () => {
    const ids = createTestIds(9);
    let nowMs = 5;
    const storage = openMemory({
      rules: { decide, decideMark }, now: () => (nowMs += 1), newEventId: () => ids.id('event'), newConversationId: () => ids.id('conversation'),
      bounds: { batch_chars_max: 8, waiting_max: 1, overloaded_retry_ms: 3 },
    });
    const world = createWorld(storage, 53);
    const ann = await world.user();
    const group = await world.group(ann, []);
    expect((await world.facts(group, null)).map((fact) => fact.timeMs)).toEqual([7, 8]);
    const outcomes = await Promise.all(['a', 'b'].map((text) => world.append(world.message({ user: ann, conversation: group, text }))));
    expect(outcomes[1]).toMatchObject({ ok: false, refusal: { code: 'overloaded', retryAfterMs: 3 } });
    expect([storage.driver, storage.ready()]).toEqual(['memory', true]);
  });
});
