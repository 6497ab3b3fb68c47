import { expect, it } from 'vitest';
import { memoryStore } from '../../src/store/memory.js';
import type { Store } from '../../src/store/port.js';
import { clientIdOf } from './support/client-id.js';
import { CONVERSATION, message, rig } from './support/rig.js';

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** A store whose deletions wait until they are let go, or fail then. */
function slowlyForgetting(): { readonly store: Store; letGo(error?: Error): void } {
  const inner = memoryStore();
  let letGo: (error?: Error) => void = () => undefined;
  const gate = new Promise<void>((resolve, reject) => {
    letGo = (error) => (error ? reject(error) : resolve());
  });
  gate.catch(() => undefined);
  return {
    letGo: (error) => letGo(error),
    store: { ...inner, write: async (changes) => (changes.some(({ value }) => value === null) ? gate.then(() => inner.write(changes)) : inner.write(changes)) },
  };
}

const shown = (outbox: ReturnType<typeof rig>['outbox']): readonly number[] => outbox.pendingOf(CONVERSATION).map(({ command }) => Number(command.clientId.slice(-12)));

it('[SND7] what is given up is shown until the store has forgotten it, and is not sent meanwhile', async () => {
  const { store, letGo } = slowlyForgetting();
  const { outbox, add, sent } = rig(store);
  await outbox.load();
  await Promise.all([add(1), add(2)].map(({ queued }) => queued));
  const gone = outbox.abandon(clientIdOf(1));
  outbox.connect(100);
  await turn();
  expect({ shown: shown(outbox), sent }).toEqual({ shown: [1, 2], sent: [] });
  // Nor is it given up twice.
  expect(await outbox.abandon(clientIdOf(1))).toBe(false);
  letGo();
  expect(await gone).toBe(true);
  expect({ shown: shown(outbox), sent }).toEqual({ shown: [2], sent: [2] });
  expect((await store.load('outbox')).map(([, value]) => JSON.parse(value))).toEqual([message(2)]);
});

it('[SND7] what the store cannot forget is sent after all, in its order', async () => {
  const { store, letGo } = slowlyForgetting();
  const { outbox, add, sent } = rig(store);
  await outbox.load();
  await Promise.all([add(1), add(2)].map(({ queued }) => queued));
  outbox.connect(0);
  const gone = outbox.abandon(clientIdOf(1));
  letGo(new Error('no disk'));
  await expect(gone).rejects.toMatchObject({ code: 'store_failed' });
  outbox.connect(100);
  expect({ shown: shown(outbox), sent }).toEqual({ shown: [1, 2], sent: [1, 2] });
});

it('[SND7] what was refused is not sent again while it is given up', async () => {
  const { store, letGo } = slowlyForgetting();
  const { outbox, add, refuse, sent } = rig(store);
  await outbox.load();
  outbox.connect(100);
  const first = add(1);
  await first.queued;
  refuse(1, 'forbidden');
  await expect(first.committed).rejects.toMatchObject({ code: 'forbidden' });
  const gone = outbox.abandon(clientIdOf(1));
  expect(outbox.resend(clientIdOf(1))).toBe(false);
  letGo();
  expect(await gone).toBe(true);
  expect({ shown: shown(outbox), sent }).toEqual({ shown: [], sent: [1] });
});

it('[SND7,SND8] what is given up while it is being written is forgotten when it has its place', async () => {
  const inner = memoryStore();
  let write: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    write = resolve;
  });
  const store: Store = {
    ...inner,
    shared: {
      append: async (value) => {
        await gate;
        await inner.write([{ table: 'outbox', key: '7'.padStart(16, '0'), value }]);
        return 7;
      },
      join: () => undefined, settled: () => undefined, giveUp: async () => true, stand: async () => () => undefined,
    },
  };
  const { outbox, add } = rig(store);
  await outbox.load();
  const { committed } = add(1);
  const gone = outbox.abandon(clientIdOf(1));
  write();
  expect(await gone).toBe(true);
  await expect(committed).rejects.toMatchObject({ code: 'aborted' });
  expect(await store.load('outbox')).toEqual([]);
});
