import { expect, it } from 'vitest';
import { Consumer } from '../../src/consume/consumer.js';
import { memoryStore } from '../../src/store/memory.js';
import { factAt, STREAM } from './facts.js';
import { manualRuntime } from '../manual-runtime.js';

it('[ORD1,ORD2] a range that is left out is told where it lies, and a cursor never stands behind a fact that is not handled', async () => {
  const told: string[] = [];
  const store = memoryStore();
  const cursor = async (): Promise<number> => (JSON.parse((await store.load('cursors'))[0]![1]) as { seq: number }).seq;
  const atRange: number[] = [];
  const consumer = new Consumer('log', async ({ seq }) => {
    if (seq === 12) atRange.push(await cursor());
    told.push(`${seq}`);
  }, { onSkipped: ({ fromSeq, toSeq }) => void told.push(`${fromSeq}-${toSeq}`) }, store, manualRuntime(), { failed: () => undefined, overflow: () => undefined });
  const range = { stream: STREAM, fromSeq: 8, toSeq: 11, cause: 'membership' };
  consumer.take('epoch', STREAM, [factAt(6), factAt(7), range, factAt(12)], { seq: 12, check: 7 });
  await expect.poll(() => consumer.idle).toBe(true);
  expect(told).toEqual(['6', '7', '8-11', '12']);
  expect(atRange).toEqual([7]);
  expect(await cursor()).toBe(12);
});
