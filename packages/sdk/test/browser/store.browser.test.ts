/** The store contract over IndexedDB, in the browser itself: each call of a store goes into a page. */
import { startChromium, type Chromium, type Page } from '@talaria/services';
import { afterAll, beforeAll } from 'vitest';
import { TalariaError } from '../../src/errors.js';
import type { Store } from '../../src/store/port.js';
import { storeContract } from '../store/contract.js';
import { startPages, type Pages, type Sdk } from './pages.js';

declare const sdk: Sdk;
declare const stores: Map<number, Store>;
/** Work that has not ended. */
declare const asked: Set<Promise<unknown>>;

let chromium: Chromium;
let pages: Pages;
let page: Page;
let names = 0;
let ids = 0;

beforeAll(async () => {
  chromium = await startChromium();
  pages = await startPages();
  page = await pages.open(chromium);
  await page.evaluate(() => void Object.assign(window, { stores: new Map(), asked: new Set() }));
}, 240_000);
afterAll(async () => {
  await chromium?.stop();
  await pages?.stop();
});

/** Texts pass as JSON in ASCII: half of a surrogate pair would not pass by itself. */
const ascii = (value: unknown): string => JSON.stringify(value).replaceAll(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

async function inPage(id: number, method: 'load' | 'write' | 'close', argument: unknown): Promise<unknown> {
  const answer = await page.evaluate(async ([at, name, text]) => {
    try {
      const work = (stores.get(at)![name] as (argument: unknown) => Promise<unknown>)(JSON.parse(text));
      // The page holds it until it ends: Chromium has once collected what only the database held.
      asked.add(work);
      const value = await work.finally(() => asked.delete(work));
      const json = JSON.stringify(value ?? null);
      return { json: json.replaceAll(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`) };
    } catch (error) {
      const { code, message } = error as TalariaError;
      return { code, message };
    }
  }, [id, method, ascii(argument ?? null)] as const);
  if ('json' in answer) return JSON.parse(answer.json);
  throw new TalariaError(answer.code, answer.message);
}

async function openIn(name: string): Promise<Store> {
  const id = ids++;
  await page.evaluate(([at, database]) => void stores.set(at, sdk.indexedDbStore(database)), [id, name] as const);
  return {
    load: (table) => inPage(id, 'load', table) as ReturnType<Store['load']>,
    write: (changes) => inPage(id, 'write', changes) as Promise<void>,
    close: () => inPage(id, 'close', null) as Promise<void>,
  };
}

storeContract({
  name: 'IndexedDB',
  place() {
    const name = `store ${names++}`;
    let store: Store | undefined;
    return Promise.resolve({
      async open() {
        await store?.close();
        store = await openIn(name);
        return store;
      },
      async remove() {
        await store?.close();
        await page.evaluate((database) => new Promise((resolve) => {
          indexedDB.deleteDatabase(database).onsuccess = resolve;
        }), name);
      },
    });
  },
});
