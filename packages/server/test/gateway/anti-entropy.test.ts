import { expect, it } from 'vitest';
import { createLocalBus } from '../../src/bus/local/local-bus.js';
import type { Bus, BusMessage } from '../../src/bus/port.js';
import { runAntiEntropy } from '../../src/gateway/anti-entropy.js';
import { silentLog } from '../../src/runtime/log.js';
import type { Revocations, Storage } from '../../src/storage/port.js';
import { manualClock } from '../support/manual-clock.js';

const NONE: Revocations = { users: [], keys: [], names: [] };

/** A gateway's other half: what it was told, and a bus and a database that can be switched off. */
function scene(options: { readonly lossless?: boolean } = {}) {
  const manual = manualClock();
  // Two clocks of one machine do not run alike: what lies between them has a fraction.
  const clock = { ...manual, monotonic: () => manual.monotonic() * (1 - 2 ** -12) };
  const state = { alive: true, answer: (_sinceMs: number): Promise<Revocations> => Promise.resolve(NONE), asked: [] as number[], heard: [] as BusMessage[], rechecks: 0, cuts: 0 };
  const bus: Bus = { ...createLocalBus(), lossless: options.lossless ?? false, alive: () => state.alive };
  const storage = {
    revocations(sinceMs: number) {
      state.asked.push(clock.now() - sinceMs);
      return state.answer(sinceMs);
    },
  } as Pick<Storage, 'revocations'>;
  const stop = runAntiEntropy({
    storage, bus, clock, log: silentLog(), heard: (message) => state.heard.push(message), cutOff: () => (state.cuts += 1),
    recheckApps() {
      state.rechecks += 1;
      return Promise.resolve();
    },
  }, 1_000);
  async function pass(ms: number): Promise<void> {
    for (let at = 0; at < ms; at += 100) {
      clock.advance(100);
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    }
  }
  return { state, pass, stop, clock };
}

it('[RES6] asks for revocations that the bus may have lost, a good while back each time, and looks at apps again', async () => {
  const { state, pass, stop } = scene();
  state.answer = () => Promise.resolve({ users: [{ app: 'a_1', user: 'u_1', beforeMs: 5 }], keys: ['k_1'], names: [{ app: 'a_1', user: 'u_1', name: 'token t', beforeMs: 6 }] });
  await pass(1_000);
  expect(state.heard).toEqual([{ kind: 'revoked_user', app: 'a_1', user: 'u_1', beforeMs: 5 }, { kind: 'revoked_name', app: 'a_1', user: 'u_1', name: 'token t', beforeMs: 6 }, { kind: 'revoked_key', key: 'k_1' }]);
  await pass(2_000);
  expect(state.asked).toHaveLength(3);
  for (const back of state.asked) expect(back).toBeGreaterThanOrEqual(60_000);
  expect(state.rechecks).toBe(3);
  stop();
  await pass(2_000);
  expect(state.asked).toHaveLength(3);
});

it.each([3_600_000, -3_600_000])('[RES6] looks back far enough also when the wall clock jumps by %i ms', async (jumpMs) => {
  const { state, pass, clock } = scene();
  const since: number[] = [];
  state.answer = (sinceMs) => {
    since.push(sinceMs);
    return Promise.resolve(NONE);
  };
  const beganMs = clock.now();
  await pass(2_000);
  clock.jump(jumpMs);
  await pass(3_000);
  // What others revoke now, by clocks that are right.
  expect(since.length).toBeGreaterThan(3);
  // A database's column takes no fraction.
  for (const one of since) expect(Number.isSafeInteger(one)).toBe(true);
  for (const one of since) expect(one).toBeLessThanOrEqual(beganMs + 5_000 - 60_000);
});

it('[RES6] asks nothing where the bus loses nothing', async () => {
  const { state, pass } = scene({ lossless: true });
  await pass(5_000);
  expect(state.asked).toEqual([]);
});

it('[RES6] does not ask again before it is answered, and looks back to where it was last', async () => {
  const { state, pass } = scene();
  let answer: (found: Revocations) => void = () => undefined;
  state.answer = () => new Promise((resolve) => {
    answer = resolve;
  });
  await pass(4_000);
  expect(state.asked).toHaveLength(1);
  state.answer = () => Promise.reject(new Error('staged'));
  answer(NONE);
  await pass(3_000);
  expect(state.asked.length).toBeGreaterThan(2);
  expect(state.asked.at(-1)).toBeGreaterThan(state.asked[1]!);
});

it('[RES6] a node that reaches neither bus nor database for three seconds closes what is open', async () => {
  const { state, pass } = scene();
  await pass(1_000);
  state.answer = () => Promise.reject(new Error('staged'));
  await pass(10_000);
  expect(state.cuts).toBe(0);
  state.alive = false;
  await pass(1_000);
  expect(state.cuts).toBe(1);
  state.answer = () => Promise.resolve(NONE);
  await pass(1_000);
  const { cuts } = state;
  await pass(5_000);
  expect(state.cuts).toBe(cuts);
});
