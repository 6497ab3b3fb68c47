/** ORD2 in a browser: a consumer of one tab at a time, and the durable mode, killed at every step. */
import { startChromium, type Chromium, type Page } from '@talaria/services';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Client } from '../../src/client.js';
import type { Consumption } from '../../src/consume/consumption.js';
import { setStage, type Stage } from '../client/stage.js';
import { crasherOf, startPages, type Pages, type Sdk } from './pages.js';

declare const sdk: Sdk;
declare const mintToken: () => Promise<string>;
declare const tab: { client: Client; consumption: Consumption; seen: string[]; errors: string[] };
declare const steps: { arm(at: number): void; readonly count: number };

let stage: Stage;
let pages: Pages;
let chromium: Chromium;
let author: Client;
let users = 0;

beforeAll(async () => {
  stage = await setStage();
  pages = await startPages();
  chromium = await startChromium();
  author = stage.client('author');
  await author.ready();
}, 240_000);
afterEach(async () => {
  await Promise.all(chromium.tabs.pages().map((page) => page.close().catch(() => undefined)));
});
afterAll(async () => {
  await chromium?.stop();
  await stage?.stop();
  await pages?.stop();
});

const numbered = (name: string, count: number): string[] => Array.from({ length: count }, (_, at) => `${name} ${at}`);

async function openFor(user: string, begin?: () => void): Promise<Page> {
  const page = await pages.open(chromium, begin);
  await page.exposeFunction('mintToken', () => stage.token(user));
  await page.evaluate(([url, app, name]) => {
    const client = sdk.connect({ url, app, token: () => mintToken(), store: sdk.indexedDbStore(`consume ${name}`) });
    const errors: string[] = [];
    client.on('error', (error) => errors.push(`${error.code}: ${error.message}`));
    Object.assign(window, { tab: { client, seen: [], errors } });
  }, [stage.proxy.url, stage.app, user] as const);
  return page;
}

/** A new user, in a conversation with the author that has messages. */
async function room(texts: readonly string[]): Promise<{ readonly user: string; say(texts: readonly string[]): Promise<void> }> {
  const user = `consumer ${users++}`;
  await stage.client(user).ready();
  const chat = await author.conversations.create({ members: [`ext:${user}`] });
  const say = async (all: readonly string[]): Promise<void> => void await Promise.all(all.map((text) => chat.send(text).sent));
  await say(texts);
  return { user, say };
}

const consume = (page: Page): Promise<void> => page.evaluate(async () => {
  tab.consumption = await tab.client.consume('log', (fact) => {
    if (fact.type === 'message.created') tab.seen.push(String(fact.body['text']));
  }, { from: 'start' });
});

it('[ORD2] of several tabs one runs a consumer, and the next one goes on behind its cursor', async () => {
  const { user, say } = await room(numbered('first', 10));
  const [one, other] = [await openFor(user), await openFor(user)];
  for (const page of [one, other]) await consume(page);
  expect([await one.evaluate(() => tab.consumption.active), await other.evaluate(() => tab.consumption.active)]).toEqual([true, false]);
  await expect.poll(() => one.evaluate(() => tab.seen)).toEqual(numbered('first', 10));
  await one.evaluate(() => tab.consumption.stop());
  await expect.poll(() => other.evaluate(() => tab.consumption.active)).toBe(true);
  await say(numbered('second', 10));
  await expect.poll(() => other.evaluate(() => tab.seen)).toEqual(numbered('second', 10));
  expect(await one.evaluate(() => tab.seen)).toEqual(numbered('first', 10));
  // And back, when the page is gone.
  await consume(one);
  await other.close();
  await expect.poll(() => one.evaluate(() => tab.consumption.active)).toBe(true);
  await say(['third']);
  await expect.poll(() => one.evaluate(() => tab.seen)).toEqual([...numbered('first', 10), 'third']);
  expect(await one.evaluate(() => tab.errors)).toEqual([]);
}, 60_000);

it('[ORD2] a conversation of 10,000 messages is consumed in order, each once', async () => {
  const { user, say } = await room([]);
  const expected = numbered('message', 10_000);
  for (let at = 0; at < expected.length; at += 1_000) await say(expected.slice(at, at + 1_000));
  const page = await openFor(user);
  await consume(page);
  await expect.poll(() => page.evaluate(() => tab.seen.length), { timeout: 100_000 }).toBe(10_000);
  expect(await page.evaluate(() => tab.seen)).toEqual(expected);
}, 180_000);

/** Keeps each message with how often it was handled, in the app's own database. */
async function consumeInto(page: Page, name: string): Promise<void> {
  await page.evaluate(async (database) => {
    const opened = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(database, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore('messages');
        sdk.addCursors(request.result);
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error!);
    });
    tab.consumption = await sdk.consumeInto(tab.client, 'into', { database: opened, stores: ['messages'], from: 'start' }, async (transaction, fact) => {
      if (fact.type !== 'message.created') return;
      const messages = transaction.objectStore('messages');
      const text = String(fact.body['text']);
      const before = await new Promise<number>((resolve, reject) => {
        const request = messages.get(text) as IDBRequest<number | undefined>;
        request.onsuccess = () => resolve(request.result ?? 0);
        request.onerror = () => reject(request.error!);
      });
      messages.put(before + 1, text);
    });
  }, name);
}

const kept = (page: Page, name: string): Promise<Record<string, number>> => page.evaluate((database) => new Promise((resolve, reject) => {
  const request = indexedDB.open(database);
  request.onerror = () => reject(request.error!);
  request.onsuccess = () => {
    const store = request.result.transaction('messages').objectStore('messages');
    const [keys, values] = [store.getAllKeys(), store.getAll()];
    values.onsuccess = () => {
      resolve(Object.fromEntries(keys.result.map((key, at) => [key as string, values.result[at] as number])));
      request.result.close();
    };
  };
}), name);

/** Resolves when it does, or never. */
async function keeps(page: Page, name: string, wanted: Record<string, number>): Promise<void> {
  while (JSON.stringify(await kept(page, name)) !== JSON.stringify(wanted)) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Counts what the page does with the app's database, and stands still before one of these steps, for good. */
function countSteps(): void {
  let count = 0;
  let stopAt = 0;
  const step = (): void => {
    count += 1;
    if (count !== stopAt) return;
    const request = new XMLHttpRequest();
    request.open('GET', `/stop/${document.title}`, false);
    request.send();
  };
  const wrap = <Holder extends object, Name extends keyof Holder>(holder: Holder, name: Name, mine: (self: never) => boolean): void => {
    const plain = holder[name] as (...args: unknown[]) => unknown;
    holder[name] = function counted(this: never, ...args: unknown[]) {
      if (!mine(this)) return plain.apply(this, args);
      step();
      return plain.apply(this, args);
    } as Holder[Name];
  };
  const isApps = (database: IDBDatabase): boolean => database.name.startsWith('app ');
  wrap(IDBDatabase.prototype, 'transaction', isApps);
  for (const name of ['get', 'put', 'delete'] as const) wrap(IDBObjectStore.prototype, name, (store: IDBObjectStore) => isApps(store.transaction.db));
  const { set } = Object.getOwnPropertyDescriptor(IDBTransaction.prototype, 'oncomplete')!;
  Object.defineProperty(IDBTransaction.prototype, 'oncomplete', {
    set(this: IDBTransaction, listener: () => void) {
      const { db } = this;
      set!.call(this, () => {
        // On disk, and the page does not know it yet.
        if (isApps(db)) step();
        listener();
      });
    },
  });
  Object.assign(window, { steps: {
    arm(at: number) {
      stopAt = at;
    },
    get count() {
      return count;
    },
  } });
}

it('[ORD2] the durable mode: whatever the app writes and the cursor are one, wherever the page is killed', async () => {
  const texts = numbered('kept', 2);
  const once = Object.fromEntries(texts.map((text) => [text, 1]));
  // How many steps there are when nobody kills it.
  const whole = await room(texts);
  const page = await openFor(whole.user, countSteps);
  await consumeInto(page, 'app whole');
  await expect.poll(() => kept(page, 'app whole')).toEqual(once);
  await expect.poll(() => page.evaluate(() => tab.consumption.idle)).toBe(true);
  const count = await page.evaluate(() => steps.count);
  // Of each fact: its transaction, the term, what the app reads and writes, the cursor, and the end.
  expect(count).toBeGreaterThan(2 * 6);
  await page.close();

  for (let at = 1; at <= count; at += 1) {
    const { user } = await room(texts);
    const name = `app ${at}`;
    const doomed = await openFor(user, countSteps);
    const crash = await crasherOf(doomed);
    await doomed.evaluate(([title, stopAt]) => {
      document.title = title;
      steps.arm(stopAt);
    }, [`step-${at}`, at] as const);
    void consumeInto(doomed, name).catch(() => undefined);
    // Facts come in groups of other sizes now and then, and one time has a step less than another.
    await Promise.race([pages.stopped(`step-${at}`), keeps(doomed, name, once)]);
    await crash();
    const next = await openFor(user, countSteps);
    await consumeInto(next, name);
    await expect.poll(() => kept(next, name), { timeout: 20_000 }).toEqual(once);
    await expect.poll(() => next.evaluate(() => tab.consumption.idle)).toBe(true);
    expect([at, await kept(next, name)]).toEqual([at, once]);
    await next.close();
    await doomed.close().catch(() => undefined);
  }
}, 300_000);

it('[ORD2] a handler that waits for something outside of its transaction is told so', async () => {
  const { user } = await room(['one']);
  const page = await openFor(user);
  const told = await page.evaluate(async () => {
    const opened = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open('app outside', 1);
      request.onupgradeneeded = () => sdk.addCursors(request.result);
      request.onsuccess = () => resolve(request.result);
    });
    const error = new Promise<string>((resolve) => void tab.client.on('error', (one) => resolve((one.cause as Error & { readonly cause: Error }).cause.message)));
    await sdk.consumeInto(tab.client, 'outside', { database: opened, stores: [], from: 'start', attemptsMax: 1 }, () => new Promise((resolve) => {
      setTimeout(resolve, 10);
    }));
    return error;
  });
  expect(told).toContain('waited for something that is not of its transaction');
});
