import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createUuid7, isUuid7, uuid7TimeMs, uuidText } from '../src/ids.js';

interface Clock { now: number }

const randomFill = (bytes: Uint8Array): void => void crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>);
const source = (clock: Clock, fill = randomFill): (() => string) => {
  const next = createUuid7({ now: () => clock.now, fill });
  return () => uuidText(next());
};
const T = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

describe('UUIDv7', () => {
  it('has version, variant and time where RFC 9562 has them', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (now) => {
      const text = source({ now })();
      expect(isUuid7(text)).toBe(true);
      expect(uuid7TimeMs(text)).toBe(now);
      expect(text.replaceAll('-', '').slice(0, 12)).toBe(now.toString(16).padStart(12, '0'));
    }));
  });

  it('[SND2] gives its time back, to the millisecond', () => {
    // The example of RFC 9562, appendix A.6.
    expect(uuid7TimeMs('017f22e2-79b0-7cc3-98c4-dc0c0c07398f')).toBe(Date.UTC(2022, 1, 22, 19, 22, 22));
  });

  it('ascends within one millisecond', () => {
    const next = source({ now: T });
    const made = Array.from({ length: 20_000 }, next);
    expect(made).toEqual(made.toSorted());
    expect(new Set(made).size).toBe(made.length);
    expect(made.every((text) => uuid7TimeMs(text) === T)).toBe(true);
  });

  it('ascends within one millisecond when the random source gives its largest or smallest bytes only', () => {
    for (const byte of [0x00, 0xff]) {
      const next = source({ now: T }, (bytes) => void bytes.fill(byte));
      // More than 2^16, so that the counter carries over two bytes.
      const made = Array.from({ length: 70_000 }, next);
      expect(made.every((text, at) => at === 0 || made[at - 1]! < text)).toBe(true);
      expect(made.every(isUuid7)).toBe(true);
    }
  });

  it('ascends when the clock steps back, and goes on with it when it has caught up', () => {
    const clock = { now: T };
    const next = source(clock);
    const made: string[] = [];
    for (const step of [0, 5, -3_000, 1, -1, 0, 2_000, 998, 1, 1]) {
      clock.now += step;
      made.push(next(), next());
    }
    expect(made).toEqual(made.toSorted());
    expect(new Set(made).size).toBe(made.length);
    expect(uuid7TimeMs(made.at(-1)!)).toBe(Math.max(clock.now, T + 5));
  });

  it('ascends under any walk of the clock', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: -10, max: 10 }), { maxLength: 200 }), (steps) => {
      const clock = { now: T };
      const next = source(clock);
      let last = '';
      for (const step of steps) {
        clock.now += step;
        const text = next();
        expect(text > last).toBe(true);
        last = text;
      }
    }));
  });

  it('is unguessable beyond its order: the last four bytes are fresh each time', () => {
    const filled: number[] = [];
    const next = createUuid7({ now: () => T, fill: (bytes) => void filled.push(bytes.length) });
    next();
    next();
    expect(filled).toEqual([16, 4]);
  });

  it('gives bytes of its own each time', () => {
    const next = createUuid7({ now: () => T, fill: randomFill });
    const first = next();
    const text = uuidText(first);
    next();
    expect(uuidText(first)).toBe(text);
  });
});

describe('isUuid7', () => {
  const GOOD = '017f22e2-79b0-7cc3-98c4-dc0c0c07398f';

  it.each([
    ['nothing', ''], ['capitals', GOOD.toUpperCase()], ['version 4', GOOD.replace('-7c', '-4c')], ['the wrong variant', GOOD.replace('-98', '-c8')], ['no dashes', GOOD.replaceAll('-', '')],
    ['braces', `{${GOOD}}`], ['a line break behind', `${GOOD}\n`], ['white space', ` ${GOOD}`], ['too short', GOOD.slice(1)], ['no hex', GOOD.replace('f', 'g')], ['a nil UUID', '00000000-0000-0000-0000-000000000000'],
  ])('refuses %s', (_, text) => {
    expect(isUuid7(text)).toBe(false);
    expect(uuid7TimeMs(text)).toBeUndefined();
  });

  it('takes what is one', () => {
    expect(isUuid7(GOOD)).toBe(true);
  });
});
