import { isUuid7, uuid7TimeMs } from '@talaria/protocol';
import { describe, expect, it } from 'vitest';
import { clientIdFrom } from '../../src/client-id.js';
import { VALUE_BYTES_MAX } from '../../src/outbox/check.js';
import { clientIdOf } from './support/client-id.js';
import { CONVERSATION, message, rig, slowStore } from './support/rig.js';

describe('a client id that comes again', () => {
  it('[SND2] is the command that waits: nothing is added, and both resolve to it', async () => {
    const { outbox, add, ack, sent, store } = rig();
    await outbox.load();
    outbox.connect(100);
    const first = add(1);
    const whileStoring = add(1);
    await first.queued;
    const inFlight = add(1);
    await Promise.all([whileStoring.queued, inFlight.queued]);
    expect({ sent, size: outbox.size, stored: (await store.load('outbox')).length }).toEqual({ sent: [1], size: 1, stored: 1 });
    ack(1);
    const results = await Promise.all([first.committed, whileStoring.committed, inFlight.committed]);
    expect(results.map(({ seq }) => seq)).toEqual([101, 101, 101]);
  });

  it('[SND2] is the command that an earlier process has stored, also when it comes before that is loaded', async () => {
    const { store, letGo, stored } = await slowStore(1);
    const { outbox, add, ack, sent } = rig(store);
    const [early, other] = [add(1), add(2)];
    const loaded = outbox.load();
    letGo();
    await loaded;
    await Promise.all([early.queued, other.queued]);
    const late = add(1);
    expect(await stored()).toEqual([1, 2]);
    outbox.connect(100);
    expect(sent).toEqual([1, 2]);
    ack(1);
    await expect(Promise.all([early.committed, late.committed])).resolves.toMatchObject([{ seq: 101 }, { seq: 101 }]);
  });

  it('[SND3] with other content is refused', async () => {
    const { store, letGo } = await slowStore(1);
    const { outbox, add, ack, refused } = rig(store);
    const early = add(1, 'other');
    const loaded = outbox.load();
    letGo();
    await loaded;
    const late = add(1, 'third');
    for (const { queued, committed } of [early, late]) {
      await expect(queued).rejects.toMatchObject({ code: 'idempotency_mismatch', retryable: false });
      await expect(committed).rejects.toMatchObject({ code: 'idempotency_mismatch' });
    }
    expect(refused.map(({ error }) => error.code)).toEqual(['idempotency_mismatch', 'idempotency_mismatch']);
    const same = add(1);
    outbox.connect(100);
    ack(1);
    await expect(same.committed).resolves.toMatchObject({ seq: 101 });
  });

  it('is sent anew when it was finally refused, and when it was given up', async () => {
    const { outbox, add, ack, refuse, sent } = rig();
    await outbox.load();
    outbox.connect(100);
    const first = add(1);
    await first.queued;
    refuse(1, 'forbidden');
    await expect(first.committed).rejects.toMatchObject({ code: 'forbidden' });
    const second = add(1, 'now otherwise');
    await second.queued;
    ack(1);
    await expect(second.committed).resolves.toMatchObject({ seq: 101 });
    outbox.disconnect();
    const third = add(3);
    await third.queued;
    expect(await outbox.abandon(clientIdOf(3))).toBe(true);
    const fourth = add(3);
    await fourth.queued;
    outbox.connect(100);
    expect(sent).toEqual([1, 1, 3]);
  });
});

it('[SND6] what was finally refused waits for nothing', async () => {
  const { outbox, add, ack, refuse } = rig();
  const early = add(1);
  expect(outbox.size).toBe(1);
  await outbox.load();
  outbox.connect(100);
  const others = [add(2), add(3)];
  await Promise.all([early, ...others].map(({ queued }) => queued));
  expect(outbox.size).toBe(3);
  refuse(2, 'forbidden');
  await expect(others[0]!.committed).rejects.toMatchObject({ code: 'forbidden' });
  ack(1);
  ack(3);
  await Promise.all([early.committed, others[1]!.committed]);
  expect(outbox.size).toBe(0);
  // It can still be sent again.
  expect(outbox.resend(clientIdOf(2))).toBe(true);
  expect(outbox.size).toBe(1);
});

describe('a command that no server would take', () => {
  it('is refused when its client id is no UUIDv7', async () => {
    const { outbox, refused } = rig();
    await outbox.load();
    for (const clientId of ['', 'order 7', 'c56a4180-65aa-42ec-a945-5fd21dec0538', clientIdOf(1).toUpperCase().replace('8000', 'ABCD')]) {
      const { queued, committed } = outbox.add({ ...message(1), clientId });
      await expect(queued).rejects.toMatchObject({ code: 'invalid_argument', retryable: false });
      await expect(committed).rejects.toMatchObject({ code: 'invalid_argument' });
    }
    expect(refused).toHaveLength(4);
  });

  it('[SND6] is refused when it is so large that its frame would end every connection', async () => {
    const { outbox, store } = rig();
    await outbox.load();
    const send = message(1);
    const large = [
      { ...send, text: 'x'.repeat(40_001) }, { ...send, text: '😀'.repeat(10_001) }, { ...send, data: `{"a":"${'x'.repeat(16_384)}"}` },
      { ...send, text: '\u0001'.repeat(40_000) },
      { kind: 'call', clientId: clientIdOf(1), stream: CONVERSATION, op: 'messages.edit', json: `"${'x'.repeat(65_536)}"` },
    ] as const;
    for (const command of large) await expect(outbox.add(command).queued).rejects.toMatchObject({ code: 'too_large' });
    expect(await store.load('outbox')).toEqual([]);
  });

  it('a message of the largest text and data is taken, and is not larger in the store than a store may rely on', async () => {
    const sizes: number[] = [];
    for (const text of ['\u0001'.repeat(10_000), '😀'.repeat(10_000), '"'.repeat(10_000)]) {
      const { outbox, store } = rig();
      await outbox.load();
      await outbox.add({ kind: 'send', clientId: clientIdOf(1), stream: CONVERSATION, text, data: `{"a":"${'\\"'.repeat(8_188)}"}`, silent: true }).queued;
      const [[, value] = ['', '']] = await store.load('outbox');
      sizes.push(Buffer.byteLength(value));
    }
    expect(Math.max(...sizes)).toBeGreaterThan(90_000);
    expect(Math.max(...sizes)).toBeLessThan(VALUE_BYTES_MAX);
  });
});

describe('clientIdFrom', () => {
  it('[SND2] makes the same UUIDv7 of the same time and name, and another of any other', () => {
    const id = clientIdFrom(1_763_000_000_000, 'answer to e_1');
    expect(clientIdFrom(1_763_000_000_000, 'answer to e_1')).toBe(id);
    expect(isUuid7(id)).toBe(true);
    expect(uuid7TimeMs(id)).toBe(1_763_000_000_000);
    const others = [clientIdFrom(1_763_000_000_001, 'answer to e_1'), ...Array.from({ length: 1_000 }, (_, at) => clientIdFrom(1_763_000_000_000, `answer to e_${at + 2}`))];
    expect(others.every(isUuid7)).toBe(true);
    expect(new Set([id, ...others]).size).toBe(1_002);
  });

  it('takes no time that is none', () => {
    for (const timeMs of [-1, 0.5, Number.NaN, 2 ** 48]) expect(() => clientIdFrom(timeMs, 'x')).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
    expect(isUuid7(clientIdFrom(0, ''))).toBe(true);
  });
});
