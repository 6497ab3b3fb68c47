import { afterAll, expect, it } from 'vitest';
import { createDice } from '../src/dice.js';
import { takeCrypto } from '../src/quiet.js';
import { Scheduler } from '../src/scheduler.js';
import { Trace } from '../src/trace.js';

const quiet = takeCrypto();
afterAll(() => quiet.release());
const scheduler = (trace = new Trace()): Scheduler => new Scheduler(trace, () => quiet.settled());

it('things happen in the order of their times, and of their calls at one time', async () => {
  const seen: string[] = [];
  const one = scheduler();
  one.after(20, 'c', () => seen.push('c'));
  one.after(10, 'a', () => {
    seen.push('a');
    one.after(0, 'inner', () => seen.push('inner'));
  });
  one.after(10, 'b', () => seen.push('b'));
  one.after(15, 'never', () => seen.push('never'))();
  expect(await one.until(() => seen.includes('c'), 100)).toBe(true);
  expect(seen).toEqual(['a', 'b', 'inner', 'c']);
  expect(one.nowMs).toBe(20);
});

it('says when a condition does not come to hold in time', async () => {
  const one = scheduler();
  one.after(50, 'late', () => undefined);
  expect(await one.until(() => false, 30)).toBe(false);
  expect(one.nowMs).toBe(30);
});

it('a step is over when its promises and its cryptography have come to rest, whichever thread they ran on', async () => {
  const seen: string[] = [];
  const one = scheduler();
  const digest = async (name: string, bytes: number): Promise<void> => {
    await crypto.subtle.digest('SHA-256', new Uint8Array(bytes));
    await Promise.resolve();
    seen.push(name);
  };
  one.after(1, 'slow and quick', () => void Promise.all([digest('slow', 8_000_000), digest('quick', 1)]));
  one.after(2, 'next', () => seen.push('next'));
  await one.until(() => seen.includes('next'), 100);
  expect(seen).toEqual(['slow', 'quick', 'next']);
});

it('dice of one name roll the same, whatever other dice do', () => {
  const [a, b] = [createDice('seed 1'), createDice('seed 1')];
  b.fraction();
  const rolls = (dice: ReturnType<typeof createDice>): number[] => Array.from({ length: 5 }, () => dice.named('network').below(1_000));
  expect(rolls(a)).toEqual(rolls(b));
  expect(createDice('seed 1').fraction()).not.toBe(createDice('seed 2').fraction());
  const many = Array.from({ length: 4_000 }, () => a.below(4));
  for (const side of [0, 1, 2, 3]) expect(many.filter((roll) => roll === side).length).toBeGreaterThan(900);
});
