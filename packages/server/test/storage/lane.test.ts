/** SND4: which commands of a lane go on. How drivers keep lanes, their contract says. */
import { expect, it } from 'vitest';
import { Lane } from '../../src/storage/lane.js';

/** Hands commands over, and asks about them later: in the order in which they were handed over. */
function queue(lane: Lane) {
  const waiting: { readonly name: string; readonly turn: number }[] = [];
  return {
    hand: (...names: string[]) => names.forEach((name) => waiting.push({ name, turn: lane.take(name) })),
    /** Those that go on. */
    admitted: () => waiting.splice(0).filter(({ name, turn }) => lane.admit(name, turn)).map(({ name }) => name),
    turnOf: (name: string) => waiting.find((one) => one.name === name)!.turn,
  };
}

it('[SND4] refuses what stands behind a refused command until that has come again', () => {
  const lane = new Lane();
  const { hand, admitted } = queue(lane);
  hand('a', 'b', 'c');
  expect(admitted()).toEqual(['a', 'b', 'c']);
  lane.block('b');
  expect(lane.idle).toBe(false);
  hand('d');
  expect(admitted()).toEqual([]);
  hand('b', 'd');
  expect(lane.idle).toBe(true);
  expect(admitted()).toEqual(['b', 'd']);
});

it('[SND4] refuses what was handed over before the refused command came again, and after it had been refused', () => {
  const lane = new Lane();
  const { hand, admitted } = queue(lane);
  lane.block('a');
  hand('b');
  hand('a', 'c');
  expect(admitted()).toEqual(['a', 'c']);
});

it('[SND4] an earlier one that waits goes on, and the earliest that was refused blocks', () => {
  const lane = new Lane();
  const { hand, admitted, turnOf } = queue(lane);
  hand('a', 'b');
  lane.block('c');
  hand('d');
  lane.block('b', turnOf('b'));
  expect(admitted()).toEqual(['a']);
  hand('c');
  expect(admitted()).toEqual([]);
  hand('b', 'c', 'd');
  expect(admitted()).toEqual(['b', 'c', 'd']);
});

it('[SND4] a command that is refused before the storage sees it blocks those behind it, while one before it that blocked has come again and waits', () => {
  const lane = new Lane();
  const { hand, admitted } = queue(lane);
  lane.block('a');
  hand('a', 'b');
  // It asked for something else first, which failed.
  lane.block('c');
  hand('d', 'e');
  expect(admitted()).toEqual(['a', 'b']);
  hand('c', 'd', 'e');
  expect(admitted()).toEqual(['c', 'd', 'e']);
});

it('[SND4] opens when what blocks it is given up, and for nobody else', () => {
  const lane = new Lane();
  const { hand, admitted } = queue(lane);
  lane.block('a');
  lane.abandon('b');
  hand('c');
  expect(admitted()).toEqual([]);
  lane.abandon('a');
  hand('c');
  expect(admitted()).toEqual(['c']);
});

it('remembers no more than what matters, however often it is blocked', () => {
  const lane = new Lane();
  for (let turn = 0; turn < 1_000; turn += 1) {
    lane.block('a');
    expect(lane.admit('b')).toBe(false);
    expect(lane.admit('a')).toBe(true);
  }
  expect(JSON.stringify(lane).length).toBeLessThan(200);
});
