/** What every store must do. A driver registers itself, and skips a case only by its name and with a reason. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store, StoreChange } from '../../src/store/port.js';

export interface StorePlace {
  /** Opens what was written before; the store opened last is closed. */
  open(): Promise<Store>;
  remove(): Promise<void>;
}

export interface StoreDriver {
  readonly name: string;
  place(): Promise<StorePlace>;
  /** Case → why this driver cannot do it. */
  readonly skips?: Readonly<Partial<Record<CaseName, string>>>;
}

const put = (key: string, value: string): StoreChange => ({ table: 'outbox', key, value });
const drop = (key: string): StoreChange => ({ table: 'outbox', key, value: null });
const KIB = 1024;

type Case = (place: StorePlace, store: Store) => Promise<void>;

const cases = {
  'a new store is empty': async (_, store) => {
    for (const table of ['outbox', 'cursors', 'meta'] as const) expect(await store.load(table)).toEqual([]);
  },
  'gives back what was written, ascending by key': async (_, store) => {
    await store.write([put('b', '2'), put('a', '1')]);
    await store.write([put('B', '0'), put('10', 'x'), put('9', 'y'), put('ä', 'z')]);
    expect(await store.load('outbox')).toEqual([['10', 'x'], ['9', 'y'], ['B', '0'], ['a', '1'], ['b', '2'], ['ä', 'z']]);
  },
  'tables are apart': async (_, store) => {
    await store.write([put('k', 'o'), { table: 'cursors', key: 'k', value: 'c' }, { table: 'meta', key: 'k', value: 'm' }]);
    await store.write([{ table: 'cursors', key: 'k', value: null }]);
    expect(await Promise.all([store.load('outbox'), store.load('cursors'), store.load('meta')])).toEqual([[['k', 'o']], [], [['k', 'm']]]);
  },
  'the last of several changes of a key counts, also within one write': async (_, store) => {
    await store.write([put('a', '1'), put('a', '2'), put('b', '1'), drop('b'), drop('c'), put('c', '3')]);
    expect(await store.load('outbox')).toEqual([['a', '2'], ['c', '3']]);
  },
  'deletes, also what is not there': async (_, store) => {
    await store.write([put('a', '1'), put('b', '2')]);
    await store.write([drop('a'), drop('never')]);
    expect(await store.load('outbox')).toEqual([['b', '2']]);
  },
  'an empty write does nothing': async (_, store) => {
    await store.write([]);
    expect(await store.load('outbox')).toEqual([]);
  },
  'writes are applied and answered in the order of the calls': async (_, store) => {
    const answered: number[] = [];
    const writes = Array.from({ length: 300 }, (_, at) => store.write([put('k', String(at)), put(`n${at % 7}`, String(at))]).then(() => answered.push(at)));
    await Promise.all(writes);
    expect(answered).toEqual(Array.from({ length: 300 }, (_, at) => at));
    expect(new Map(await store.load('outbox')).get('k')).toBe('299');
  },
  'a load sees the writes that were called before it': async (_, store) => {
    void store.write([put('a', '1')]);
    void store.write([put('a', '2'), put('b', '1')]);
    expect(await store.load('outbox')).toEqual([['a', '2'], ['b', '1']]);
  },
  'what a load gave does not change afterwards': async (_, store) => {
    await store.write([put('a', '1')]);
    const before = await store.load('outbox');
    await store.write([put('a', '2'), put('b', '2')]);
    expect(before).toEqual([['a', '1']]);
  },
  'values of 128 KiB, and any characters': async (_, store) => {
    const large = 'x'.repeat(128 * KIB);
    const odd = 'line\nbreak \u2028 "quote" \\ \u0000 😀 \ud800 é';
    await store.write([put('large', large), put('odd', odd), put('key\nwith break', '')]);
    expect(new Map(await store.load('outbox'))).toEqual(new Map([['large', large], ['odd', odd], ['key\nwith break', '']]));
  },
  '[SND7] what was written is there when the store is opened again': async (place, store) => {
    const large = 'é'.repeat(64 * KIB);
    const odd = 'line\nbreak \u2028 \u0000 😀 \ud800';
    await store.write([put('a', '1'), put('b', large), { table: 'meta', key: 'device_id', value: odd }]);
    await store.write([drop('a'), put('c', '3')]);
    const again = await place.open();
    expect(await again.load('outbox')).toEqual([['b', large], ['c', '3']]);
    expect(await again.load('meta')).toEqual([['device_id', odd]]);
    await again.write([drop('b')]);
    expect(await (await place.open()).load('outbox')).toEqual([['c', '3']]);
  },
  '[SND7] close waits for the writes before it': async (place, store) => {
    const writes = Array.from({ length: 50 }, (_, at) => store.write([put(String(at).padStart(2, '0'), 'v')]));
    const closed = store.close();
    await Promise.all(writes);
    await closed;
    expect(await (await place.open()).load('outbox')).toHaveLength(50);
  },
  'a closed store refuses, and may be closed twice': async (_, store) => {
    await store.close();
    await store.close();
    await expect(store.write([put('a', '1')])).rejects.toMatchObject({ code: 'closed' });
    await expect(store.load('outbox')).rejects.toMatchObject({ code: 'closed' });
  },
} satisfies Record<string, Case>;

export type CaseName = keyof typeof cases;

export function storeContract(driver: StoreDriver): void {
  describe(`store contract: ${driver.name}`, () => {
    let place: StorePlace;
    let store: Store;

    beforeEach(async () => {
      place = await driver.place();
      store = await place.open();
    });
    afterEach(() => place.remove());

    for (const [name, run] of Object.entries(cases) as [CaseName, Case][]) {
      const reason = driver.skips?.[name];
      it.skipIf(reason !== undefined)(reason === undefined ? name : `${name} (not here: ${reason})`, () => run(place, store));
    }
  });
}
