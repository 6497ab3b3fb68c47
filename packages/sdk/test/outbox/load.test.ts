import { describe, expect, it } from 'vitest';
import { TalariaError } from '../../src/errors.js';
import { memoryStore } from '../../src/store/memory.js';
import { message, rig, slowStore } from './support/rig.js';

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('an outbox whose store is being loaded', () => {
  it('[SND7,SND4] keeps what is stored; what is added meanwhile is written and sent behind it', async () => {
    const { store, letGo, stored } = await slowStore(1, 2);
    const { outbox, add, ack, sent } = rig(store);
    const loaded = outbox.load();
    const [third, fourth] = [add(3), add(4)];
    await turn();
    expect(await stored()).toEqual([1, 2]);
    letGo();
    await loaded;
    await Promise.all([third.queued, fourth.queued]);
    expect(await stored()).toEqual([1, 2, 3, 4]);
    outbox.connect(100);
    expect(sent).toEqual([1, 2, 3, 4]);
    for (const number of sent) ack(number);
    await expect(Promise.all([third.committed, fourth.committed])).resolves.toMatchObject([{ seq: 103 }, { seq: 104 }]);
    expect(await stored()).toEqual([]);
  });

  it('[SND7] is not queued before the store has it', async () => {
    const { store, letGo } = await slowStore();
    const { outbox, add } = rig(store);
    let queued = false;
    const added = add(1);
    void added.queued.then(() => {
      queued = true;
    });
    const loaded = outbox.load();
    await turn();
    expect({ queued, size: outbox.size }).toEqual({ queued: false, size: 1 });
    letGo();
    await loaded;
    await added.queued;
  });

  it('[SND6] refuses what waits and what comes, with the error of the load, and says so', async () => {
    for (const [thrown, expected] of [
      [new Error('no disk'), { code: 'store_failed', cause: { message: 'no disk' } }],
      [new TalariaError('overloaded', 'Not now.', { retryable: true, remediation: 'Wait.' }), { code: 'overloaded', message: 'Not now.', retryable: true, remediation: 'Wait.' }],
    ] as const) {
      const { store, letGo } = await slowStore(1);
      const { outbox, add, refused } = rig(store);
      const before = add(2);
      const loaded = outbox.load();
      letGo(thrown);
      await expect(loaded).rejects.toMatchObject(expected);
      const after = add(3);
      for (const promise of [before.queued, before.committed, after.queued, after.committed]) await expect(promise).rejects.toMatchObject(expected);
      expect(refused.map(({ number }) => number)).toEqual([2, 3]);
      expect(outbox.size).toBe(0);
    }
  });

  it('closed meanwhile, refuses what waits and takes up nothing', async () => {
    const { store, letGo, stored } = await slowStore(1);
    const { outbox, add, refused, sent } = rig(store);
    const added = add(2);
    const loaded = outbox.load();
    outbox.close();
    await expect(added.queued).rejects.toMatchObject({ code: 'closed' });
    await expect(added.committed).rejects.toMatchObject({ code: 'closed' });
    letGo();
    await loaded;
    await expect(add(3).queued).rejects.toMatchObject({ code: 'closed' });
    expect({ stored: await stored(), sent, refused }).toEqual({ stored: [1], sent: [], refused: [] });
  });

  it('gives up a message that still waits for the load', async () => {
    const { store, letGo, stored } = await slowStore(1);
    const { outbox, add } = rig(store);
    const added = add(2);
    expect(await outbox.abandon(message(2).clientId)).toBe(true);
    await expect(added.queued).rejects.toMatchObject({ code: 'aborted' });
    const loaded = outbox.load();
    letGo();
    await loaded;
    expect(await stored()).toEqual([1]);
  });
});

it("[SND6] what a store says of itself when it cannot write is passed on unchanged; other errors are store_failed", async () => {
  const own = new TalariaError('overloaded', 'The disk is slow.', { retryable: true });
  for (const [thrown, expected] of [[own, own], [new Error('gone'), { code: 'store_failed', cause: { message: 'gone' } }]] as const) {
    const { outbox, add, refused } = rig({ ...memoryStore(), write: () => Promise.reject(thrown) });
    await outbox.load();
    const added = add(1);
    await expect(added.queued).rejects.toMatchObject(expected);
    await expect(added.committed).rejects.toMatchObject(expected);
    expect(refused).toMatchObject([{ number: 1, error: expected }]);
    expect(outbox.size).toBe(0);
  }
});
