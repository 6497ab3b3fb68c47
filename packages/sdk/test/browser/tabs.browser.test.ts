/** Several tabs of one profile, one store, a real server: what dies, freezes, sleeps or is hidden loses, repeats and reorders nothing. */
import { startChromium, type Chromium, type Page } from '@talaria/services';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Client } from '../../src/client.js';
import type { Conversation } from '../../src/conversation/conversation.js';
import { setStage, type Stage } from '../client/stage.js';
import { crasherOf, freeze, startPages, type Pages, type Sdk } from './pages.js';

declare const sdk: Sdk;
/** What each tab has. */
declare const tab: { client: Client; chat: Conversation; committed: string[]; failed: string[]; seen: string[]; sockets: number };
declare const mintToken: (reason: string) => Promise<string>;

let stage: Stage;
let pages: Pages;
let chromium: Chromium;
let profile: string;
let observer: Client;
let users = 0;

beforeAll(async () => {
  profile = mkdtempSync(join(tmpdir(), 'talaria-profile-'));
  stage = await setStage({ heartbeatMs: 1_000 });
  pages = await startPages();
  chromium = await start();
  observer = stage.client('observer');
  await observer.ready();
}, 240_000);
afterEach(async () => {
  stage.proxy.release();
  await Promise.all(chromium.tabs.pages().map((page) => page.close().catch(() => undefined)));
});
afterAll(async () => {
  await chromium?.stop();
  await stage?.stop();
  await pages?.stop();
  rmSync(profile, { recursive: true, force: true });
});

const start = (): Promise<Chromium> => startChromium({ profile });

interface Room {
  readonly user: string;
  readonly id: string;
  /** What the conversation holds, as another user has seen it come. */
  readonly texts: string[];
}

/** A new user of the browser, in a conversation with the observer. */
async function room(): Promise<Room> {
  const user = `user ${users++}`;
  await stage.client(user).ready();
  const chat = await observer.conversations.create({ members: [`ext:${user}`] });
  const texts: string[] = [];
  chat.on('message', ({ text }) => void texts.push(text));
  return { user, id: chat.id, texts };
}

/** @param begin runs in the page before anything else */
async function openTab({ user, id }: Room, begin?: () => void, mint = (_reason: string) => stage.token(user)): Promise<Page> {
  const page = await pages.open(chromium, begin);
  await page.exposeFunction('mintToken', mint);
  await page.evaluate(([url, app, name, conversation]) => {
    const state = { committed: [] as string[], failed: [] as string[], seen: [] as string[], sockets: 0 };
    const Plain = WebSocket;
    globalThis.WebSocket = class extends Plain {
      constructor(...args: ConstructorParameters<typeof Plain>) {
        super(...args);
        state.sockets += 1;
      }
    };
    const client = sdk.connect({ url, app, token: ({ reason }) => mintToken(reason), store: sdk.indexedDbStore(`chat ${name}`) });
    const chat = client.conversations.open(conversation);
    chat.on('message', ({ text }) => void state.seen.push(text));
    client.on('committed', ({ command }) => void state.committed.push('text' in command ? command.text : command.op));
    client.on('failed', ({ command, error }) => void state.failed.push(`${'text' in command ? command.text : command.op}: ${error.code}`));
    Object.assign(state, { client, chat });
    Object.assign(window, { tab: state });
  }, [stage.proxy.url, stage.app, user, id] as const);
  return page;
}

const connected = (page: Page) => page.waitForFunction(() => tab.client.status.state === 'connected');
/** Sends, and resolves when the outbox has them (SND7). */
const queue = (page: Page, texts: readonly string[]): Promise<void> => page.evaluate(async (all) => {
  await Promise.all(all.map((text) => tab.chat.send(text).queued));
}, texts);
/** Sends, and resolves when the server has them. */
const send = (page: Page, texts: readonly string[]): Promise<number[]> => page.evaluate(async (all) => (await Promise.all(all.map((text) => tab.chat.send(text).sent))).map(({ seq }) => seq), texts);
const leads = (page: Page): Promise<boolean> => page.evaluate(() => tab.client['core']['leads']);
/** A browser freezes no page in the middle of a transaction; stopped there, it would keep the database for itself. */
const idle = (page: Page): Promise<unknown> => page.evaluate(() => tab.client['core'].store.load('meta'));
/** Freezes the tab that sends until another one does. @returns how to wake it */
async function replaced(frozen: Page, others: readonly Page[]): Promise<() => void> {
  for (;;) {
    const wake = await freeze(chromium, frozen, () => idle(frozen));
    for (const endMs = Date.now() + 12_000; Date.now() < endMs; await new Promise((resolve) => setTimeout(resolve, 100))) {
      if ((await Promise.all(others.map(leads))).includes(true)) return wake;
    }
    // It was in the middle of a write after all.
    wake();
  }
}
const numbered = (name: string, count: number): string[] => Array.from({ length: count }, (_, at) => `${name} ${at}`);
async function arrived(to: Room, texts: readonly string[]): Promise<void> {
  await expect.poll(() => to.texts, { timeout: 25_000 }).toEqual(texts);
}
const offline = (): void => {
  stage.proxy.hold();
  stage.proxy.cut();
};

it('[SND7] what was queued while there was no server is sent once and in order, after the page was loaded again', async () => {
  const to = await room();
  const page = await openTab(to);
  await connected(page);
  offline();
  await queue(page, numbered('before', 40));
  await page.reload();
  stage.proxy.release();
  const again = await openTab(to);
  await arrived(to, numbered('before', 40));
  expect(await send(again, ['after'])).toHaveLength(1);
  await arrived(to, [...numbered('before', 40), 'after']);
});

it('[SND7] … and after the browser was killed', async () => {
  const to = await room();
  const page = await openTab(to);
  await connected(page);
  offline();
  await queue(page, numbered('before', 40));
  chromium.process.signal('SIGKILL');
  await chromium.process.ended;
  await chromium.stop();
  chromium = await start();
  stage.proxy.release();
  const again = await openTab(to);
  await arrived(to, numbered('before', 40));
  await expect.poll(() => again.evaluate(() => tab.client.pending)).toBe(0);
}, 120_000);

it('[SND8,SND4] one tab sends what both have queued, and each is told of its own', async () => {
  const to = await room();
  const [first, second] = [await openTab(to), await openTab(to)];
  await Promise.all([connected(first), connected(second)]);
  expect([await leads(first), await leads(second)]).toEqual([true, false]);
  const expected: string[] = [];
  for (let turn = 0; turn < 10; turn += 1) {
    // One has it before the other begins: across tabs, too, that is the order (SND4).
    for (const [page, name] of [[second, 'second'], [first, 'first']] as const) {
      const texts = numbered(`${name} ${turn}`, 5);
      await queue(page, texts);
      expected.push(...texts);
    }
  }
  await arrived(to, expected);
  expect(await send(second, ['last'])).toEqual([expect.any(Number)]);
  for (const page of [first, second]) {
    await expect.poll(() => page.evaluate(() => tab.seen)).toEqual([...expected, 'last']);
    await expect.poll(() => page.evaluate(() => tab.client.pending)).toBe(0);
  }
});

it('[SND6,SND8] a tab that does not send is told what was finally refused, and may send it again or give it up', async () => {
  const to = await room();
  const [first, second] = [await openTab(to), await openTab(to)];
  await Promise.all([connected(first), connected(second)]);
  const chat = observer.conversations.open(to.id);
  const { members } = await chat.members();
  const user = members.find(({ userId }) => userId !== observer.userId)!.userId;
  await chat.removeMember(user);
  const refused = await second.evaluate(() => tab.chat.send('no more').sent.then(() => 'sent', (error: { code: string }) => error.code));
  expect(refused).not.toBe('sent');
  for (const page of [first, second]) await expect.poll(() => page.evaluate(() => tab.failed)).toEqual([`no more: ${refused}`]);
  await chat.addMembers([user]);
  offline();
  const given = await second.evaluate(async () => {
    const wanted = [tab.chat.send('keep'), tab.chat.send('drop')];
    await Promise.all(wanted.map(({ queued }) => queued));
    return tab.chat.abandon(wanted[1]!);
  });
  expect(given).toBe(true);
  for (const page of [first, second]) await expect.poll(() => page.evaluate(() => tab.client.pending)).toBe(1);
  stage.proxy.release();
  await arrived(to, ['keep']);
});

it('[SND8] when the tab that sends is closed or killed, another one goes on', async () => {
  const to = await room();
  const [first, second, third] = [await openTab(to), await openTab(to), await openTab(to)];
  await Promise.all([first, second, third].map((page) => connected(page)));
  offline();
  await queue(third, numbered('one', 20));
  await queue(first, numbered('two', 20));
  await first.close();
  await expect.poll(() => Promise.all([second, third].map(leads))).toContain(true);
  const [leader, other] = await leads(second) ? [second, third] : [third, second];
  await queue(other, numbered('three', 20));
  await (await crasherOf(leader))();
  await expect.poll(() => leads(other)).toBe(true);
  stage.proxy.release();
  await arrived(to, [...numbered('one', 20), ...numbered('two', 20), ...numbered('three', 20)]);
}, 120_000);

it('[SND8] a visible tab takes over from a frozen one, which sends nothing any more when it wakes', async () => {
  const to = await room();
  const [first, second] = [await openTab(to), await openTab(to)];
  await Promise.all([connected(first), connected(second)]);
  offline();
  await queue(first, numbered('mine', 20));
  await second.bringToFront();
  const wake = await replaced(first, [second]);
  await queue(second, numbered('yours', 20));
  stage.proxy.release();
  await arrived(to, [...numbered('mine', 20), ...numbered('yours', 20)]);
  wake();
  await expect.poll(() => leads(first), { timeout: 20_000 }).toBe(false);
  // What it had queued itself, it is told.
  await expect.poll(() => first.evaluate(() => tab.client.pending)).toBe(0);
  await send(first, ['again']);
  await arrived(to, [...numbered('mine', 20), ...numbered('yours', 20), 'again']);
}, 120_000);

it('[SND8] without locks of the browser a lease does the same: tabs that are closed or frozen are replaced', async () => {
  const to = await room();
  const without = (): void => void Object.defineProperty(navigator, 'locks', { value: undefined });
  const [first, second, third] = [await openTab(to, without), await openTab(to, without), await openTab(to, without)];
  await Promise.all([first, second, third].map((page) => connected(page)));
  expect(await Promise.all([first, second, third].map(leads))).toEqual([true, false, false]);
  await queue(second, numbered('one', 10));
  await arrived(to, numbered('one', 10));
  await expect.poll(() => first.evaluate(() => tab.client.pending)).toBe(0);
  const wake = await replaced(first, [second, third]);
  const [leader, other] = await leads(second) ? [second, third] : [third, second];
  await queue(other, numbered('two', 10));
  await arrived(to, [...numbered('one', 10), ...numbered('two', 10)]);
  wake();
  await expect.poll(() => leads(first), { timeout: 20_000 }).toBe(false);
  await leader.evaluate(() => tab.client.close());
  await expect.poll(async () => await leads(first) || leads(other), { timeout: 20_000 }).toBe(true);
  await send(other, ['three']);
  await arrived(to, [...numbered('one', 10), ...numbered('two', 10), 'three']);
}, 120_000);

it('[ORD3] a page that sleeps, or whose network goes, misses nothing and repeats nothing', async () => {
  const to = await room();
  const page = await openTab(to);
  await connected(page);
  const chat = observer.conversations.open(to.id);
  const expected: string[] = [];
  const say = async (name: string): Promise<void> => {
    const texts = numbered(name, 20);
    await Promise.all(texts.map((text) => chat.send(text).sent));
    expected.push(...texts);
  };
  const seen = async (): Promise<void> => {
    await expect.poll(() => page.evaluate(() => tab.seen), { timeout: 25_000 }).toEqual(expected);
  };
  await say('awake');
  await seen();
  // The whole machine: the server has taken the socket for dead when it wakes.
  chromium.process.signal('SIGSTOP');
  await say('asleep');
  await new Promise((resolve) => setTimeout(resolve, 3_500));
  chromium.process.signal('SIGCONT');
  await seen();
  await chromium.tabs.setOffline(true);
  await page.waitForFunction(() => !navigator.onLine);
  stage.proxy.cut();
  await say('offline');
  await page.waitForFunction(() => tab.client.status.state !== 'connected');
  await chromium.tabs.setOffline(false);
  await seen();
  // Only this tab: frozen by the browser, as tabs in the background are.
  const session = await chromium.tabs.newCDPSession(page);
  await session.send('Page.setWebLifecycleState', { state: 'frozen' });
  await say('frozen');
  await session.send('Page.setWebLifecycleState', { state: 'active' });
  await seen();
}, 120_000);

it('[SND8,ORD1] a tab in the background, its timers throttled, receives, and sends for the one in front', async () => {
  const to = await room();
  const [back, front] = [await openTab(to), await openTab(to)];
  await Promise.all([connected(back), connected(front)]);
  await front.bringToFront();
  await expect.poll(() => back.evaluate(() => document.visibilityState)).toBe('hidden');
  expect(await leads(back)).toBe(true);
  const chat = observer.conversations.open(to.id);
  const expected: string[] = [];
  for (let turn = 0; turn < 5; turn += 1) {
    const [theirs, ours] = [numbered(`theirs ${turn}`, 10), numbered(`ours ${turn}`, 10)];
    await Promise.all(theirs.map((text) => chat.send(text).sent));
    await send(front, ours);
    expected.push(...theirs, ...ours);
  }
  for (const page of [back, front]) await expect.poll(() => page.evaluate(() => tab.seen)).toEqual(expected);
  // It has answered all the while: there was nothing to take over.
  expect(await leads(back)).toBe(true);
}, 120_000);

it('[RES6] a token that ends is exchanged on the connection that stands', async () => {
  const to = await room();
  const reasons: string[] = [];
  const page = await openTab(to, undefined, (reason) => {
    reasons.push(reason);
    return stage.token(to.user, 10);
  });
  await connected(page);
  await expect.poll(() => reasons, { timeout: 25_000 }).toEqual(['connect', 'refresh']);
  await send(page, ['still here']);
  await arrived(to, ['still here']);
  expect(await page.evaluate(() => [tab.sockets, tab.client.status.state])).toEqual([1, 'connected']);
}, 120_000);
