import { afterEach, expect, it } from 'vitest';
import { TalariaError } from '../../src/errors.js';
import { defaultRuntime } from '../../src/runtime.js';
import { memoryStore } from '../../src/store/memory.js';
import type { Store } from '../../src/store/port.js';
import { nodeSocket, setStage, until, type Stage } from './stage.js';

let stage: Stage;
afterEach(() => stage.stop());

/** A store that takes nothing when it is closed, until it is opened again. */
function closableStore() {
  const inner = memoryStore();
  let open = true;
  const store: Store = {
    ...inner,
    write: (changes) => (open ? inner.write(changes) : Promise.reject(new TalariaError('closed', 'The store was closed.'))),
    close() {
      open = false;
      return Promise.resolve();
    },
  };
  return { store, reopen: () => {
    open = true;
  }, get open() {
    return open;
  } };
}

/** Bob's consumer has begun with `one`, and goes on when told; `two` waits behind it. */
async function handling(options: { readonly after?: (ms: number, callback: () => void) => () => void } = {}) {
  const kept = closableStore();
  const base = defaultRuntime(nodeSocket);
  const bob = stage.client('bob', { store: kept.store, runtime: { ...base, after: options.after ?? base.after } });
  const errors: TalariaError[] = [];
  bob.on('error', (error) => errors.push(error));
  const seen: string[] = [];
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const consumption = await bob.consume('inbox', async (fact) => {
    if (fact.type !== 'message.created') return;
    seen.push(String(fact.body['text']));
    await finished;
  });
  const alice = stage.client('alice');
  await Promise.all([alice.ready(), bob.ready()]);
  const here = await alice.conversations.create({ members: ['ext:bob'] });
  await here.send('one').sent;
  await here.send('two').sent;
  await until(() => seen.length === 1);
  return { bob, kept, errors, seen, finish, consumption };
}

it('[ORD2] close waits for the handler that runs: its fact does not come again, and nothing has failed', async () => {
  stage = await setStage();
  const { bob, kept, errors, seen, finish } = await handling();
  const closed = bob.close();
  expect(bob.close()).toBe(closed);
  expect(bob.status.state).toBe('closed');
  await new Promise((resolve) => void setTimeout(resolve, 20));
  expect(kept.open).toBe(true);
  finish();
  await closed;
  expect({ open: kept.open, errors, seen }).toEqual({ open: false, errors: [], seen: ['one'] });
  kept.reopen();
  const again = stage.client('bob', { store: kept.store });
  const later: string[] = [];
  await again.consume('inbox', (fact) => {
    if (fact.type === 'message.created') later.push(String(fact.body['text']));
  });
  await until(() => later.length > 0);
  expect(later).toEqual(['two']);
});

it('[ORD2] close waits for a consumer that was stopped just before, too', async () => {
  stage = await setStage();
  const { bob, kept, errors, finish, consumption } = await handling();
  consumption.stop();
  const closed = bob.close();
  await new Promise((resolve) => void setTimeout(resolve, 20));
  expect(kept.open).toBe(true);
  finish();
  await closed;
  const cursors = (await kept.store.load('cursors')).map(([key, value]) => [key.split(' ')[1]!.slice(0, 2), (JSON.parse(value) as { seq: number }).seq]);
  expect(cursors).toContainEqual(['c_', 4]);
  expect(errors).toEqual([]);
});

it('[ORD2] a consumer that takes the place of one that was stopped waits for its last handler, and goes on behind it', async () => {
  stage = await setStage();
  const { bob, seen, finish, consumption } = await handling();
  consumption.stop();
  const later: string[] = [];
  const next = bob.consume('inbox', (fact) => {
    if (fact.type === 'message.created') later.push(String(fact.body['text']));
  });
  await expect(bob.consume('inbox', () => undefined)).rejects.toMatchObject({ code: 'already_exists' });
  consumption.stop();
  await new Promise((resolve) => void setTimeout(resolve, 20));
  finish();
  await next;
  await until(() => later.length > 0);
  expect({ seen, later }).toEqual({ seen: ['one'], later: ['two'] });
});

it('close waits 5 s for a handler that hangs, and reports nothing of it', async () => {
  stage = await setStage();
  const base = defaultRuntime(nodeSocket);
  const waits: (() => void)[] = [];
  const { bob, kept, errors, finish } = await handling({
    after(ms, callback) {
      if (ms !== 5_000) return base.after(ms, callback);
      waits.push(callback);
      return () => undefined;
    },
  });
  const closed = bob.close();
  expect(waits).toHaveLength(1);
  expect(kept.open).toBe(true);
  waits[0]!();
  await closed;
  expect(kept.open).toBe(false);
  finish();
  await new Promise((resolve) => void setTimeout(resolve, 20));
  expect(errors).toEqual([]);
});

it('a closed client takes no consumer, no message and no command', async () => {
  stage = await setStage();
  const alice = stage.client('alice');
  await alice.ready();
  await alice.close();
  await expect(alice.consume('log', () => undefined)).rejects.toMatchObject({ code: 'closed' });
  await expect(alice.conversations.create({ members: ['ext:alice'] })).rejects.toMatchObject({ code: 'closed' });
  await expect(alice.conversations.open('c_00000000000000000000000000').send('late').queued).rejects.toMatchObject({ code: 'closed' });
});

it('what a store says of itself when it cannot be read is the end of the client, unchanged', async () => {
  stage = await setStage();
  const own = new TalariaError('store_failed', 'The file is in use by process 7.', { remediation: 'End the other one.' });
  const alice = stage.client('alice', { store: { ...memoryStore(), load: () => Promise.reject(own) } });
  const early = alice.conversations.open('c_00000000000000000000000000').send('early');
  const created = alice.conversations.create({ members: ['ext:alice'] });
  const consuming = alice.consume('log', () => undefined);
  for (const promise of [alice.ready(), early.queued, early.sent, created, consuming]) await expect(promise).rejects.toBe(own);
  expect(alice.status).toEqual({ state: 'closed', reason: 'store_failed', error: own });
});
