/** Each hook in a real browser, with both versions of React, mounted twice as React does in development. */
import { startChromium, type Chromium, type OpenPage } from '@talaria/services';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client.js';
import { setStage, type Stage } from '../client/stage.js';
import { bundlePage, type ReactVersion } from './bundle.js';
import type { PageProps, PageWindow } from './page.js';

let stage: Stage;
let browser: Chromium;
let http: Server;
let origin: string;
const opened: OpenPage[] = [];

beforeAll(async () => {
  const scripts = new Map<string, string>();
  for (const version of [18, 19] as const) scripts.set(`/${version}.js`, await bundlePage('page.tsx', version));
  http = createServer(({ url = '/' }, response) => {
    const script = scripts.get(url);
    response.setHeader('content-type', script === undefined ? 'text/html' : 'text/javascript').end(script ?? `<!doctype html><main></main><script type="module" src="/${url.slice(2)}.js"></script>`);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  [browser, stage] = await Promise.all([startChromium(), setStage()]);
}, 300_000);
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});
afterAll(async () => {
  await browser?.stop();
  http?.close();
  await stage?.stop();
});

interface Screen {
  readonly opened: OpenPage;
  /** Runs in the page. */
  run<T, Given = undefined>(work: (page: PageWindow, given: Given) => T | Promise<T>, given?: Given): Promise<T>;
  /** Resolves when that is so in the page. */
  until<Given = undefined>(condition: (page: PageWindow, given: Given) => unknown, given?: Given): Promise<void>;
}

async function openPage(version: ReactVersion, props?: PageProps): Promise<Screen> {
  const one = await browser.open(`${origin}/?${version}`);
  opened.push(one);
  const screen: Screen = {
    opened: one,
    run: (work, given) => one.page.evaluate(`(${work.toString()})(window, ${JSON.stringify(given) ?? 'undefined'})`),
    until: async (condition, given) => {
      await one.page.waitForFunction(`(${condition.toString()})(window, ${JSON.stringify(given) ?? 'undefined'})`, undefined, { timeout: 20_000 });
    },
  };
  await screen.until((page) => page.show);
  if (props) await screen.run((page, given) => page.show(given), props);
  return screen;
}

let rounds = 0;
async function scene() {
  rounds += 1;
  const [hers, his] = [`alice-${rounds}`, `bob-${rounds}`];
  const bob = stage.client(his);
  const token = await stage.token(hers);
  await bob.ready();
  const chat = await bob.conversations.create({ members: [`ext:${hers}`], name: 'Kitchen', history: 'all' });
  const props: PageProps = { url: stage.proxy.url, app: stage.app, token, conversation: chat.id, others: [bob.userId] };
  const alice = (): Client => stage.client(hers);
  return { bob, chat, props, alice };
}

/** A conversation of ten thousand messages, for both versions. */
let long: Promise<PageProps> | undefined;
async function longScene(): Promise<PageProps> {
  const { chat, props } = await scene();
  for (let from = 0; from < 10_000; from += 200) await Promise.all(Array.from({ length: 200 }, (_, at) => chat.send(`${from + at}`).sent));
  return props;
}

describe.each([18, 19] as const)('React %i', (version) => {
  it('one connection, however often React mounts; and none when it is gone', async () => {
    const { props } = await scene();
    const { run, until, opened: { errors } } = await openPage(version);
    expect((await run((page) => page.version)).split('.')[0]).toBe(`${version}`);
    await run((page, given) => page.show(given), props);
    await until((page) => page.hooks.connection.state === 'connected');
    expect(await run((page) => page.sockets)).toBe(1);
    const closed = run((page) => new Promise((resolve) => {
      page.hooks.client!.on('status', ({ state }) => {
        if (state === 'closed') resolve(state);
      });
      page.show(undefined);
    }));
    expect(await closed).toBe('closed');
    expect([await run((page) => page.sockets), errors]).toEqual([1, []]);
  }, 60_000);

  it('a message keeps its element from when it is sent on, and only what is another is rendered again', async () => {
    const { chat, bob, props } = await scene();
    const first = await chat.send('first').sent;
    const { run, until, opened: { errors, page } } = await openPage(version, props);
    await until(({ hooks }) => hooks.messages.entries.length === 1 && hooks.connection.state === 'connected');
    stage.proxy.hold();
    const key = await run(({ hooks }) => hooks.messages.send('second').key);
    await page.waitForSelector('li[data-status=sending]');
    await run((_, id) => Object.assign(document.getElementById(id!)!, { mine: true }), key);
    const before = await run(({ renders }) => ({ ...renders }));
    stage.proxy.release();
    await page.waitForSelector('li:nth-child(2)[data-status=sent]');
    expect(await run((_, id) => (document.getElementById(id!) as unknown as { mine?: boolean }).mine, key)).toBe(true);
    await bob.conversations.open(chat.id).react(first, '👍');
    await until(() => document.querySelector('li')?.textContent === 'first 👍1');
    const [one, two] = await run(({ hooks }) => hooks.messages.entries.map((entry) => entry.key));
    const after = await run(({ renders }) => ({ ...renders }));
    expect(two).toBe(key);
    expect(after[one!]! - before[one!]!).toBeLessThanOrEqual(2);
    // What can be done with one.
    await run(({ hooks }) => hooks.messages.edit(hooks.messages.entries[1]!.message, { text: 'edited' }).then(() => undefined));
    await run(({ hooks }) => hooks.messages.react(hooks.messages.entries[1]!.message, 'x').then(() => undefined));
    await until(() => document.querySelectorAll('li')[1]?.textContent === 'edited x1');
    await run(({ hooks }) => hooks.messages.unreact(hooks.messages.entries[1]!.message, 'x').then(() => undefined));
    await run(({ hooks }) => hooks.messages.remove(hooks.messages.entries[1]!.message).then(() => undefined));
    await until(({ hooks }) => hooks.messages.entries[1]!.message.deleted_ms !== null);
    // What is refused stays to be sent again.
    await bob.command('conversations.settings', { conversation_id: chat.id, frozen: true });
    const failed = await run(({ hooks }) => {
      const sent = hooks.messages.send('third');
      return sent.sent.catch(() => undefined).then(() => sent.key);
    });
    await page.waitForSelector('li[data-status=failed]');
    await bob.command('conversations.settings', { conversation_id: chat.id, frozen: false });
    expect(await run(({ hooks }, id) => hooks.messages.resend({ key: id! }), failed)).toBe(true);
    await page.waitForSelector('li:nth-child(3)[data-status=sent]');
    expect(await run(({ hooks }, id) => hooks.messages.discard({ key: id! }), failed)).toBe(false);
    expect(errors).toEqual([]);
  }, 60_000);

  it('the inbox, what is unread, receipts, members, users and threads', async () => {
    const { chat, bob, props, alice } = await scene();
    const first = await chat.send('first').sent;
    const { run, until, opened: { errors } } = await openPage(version, { ...props, thread: first.id });
    await until(({ hooks }) => hooks.conversations.conversations.length === 1 && hooks.unread.messages === 1 && hooks.unreadHere.messages === 1 && hooks.conversation.conversation?.name === 'Kitchen');
    await until(({ hooks }) => hooks.members.members.length === 2 && hooks.member?.role === 'owner' && hooks.user?.external_id.startsWith('bob') && hooks.users.size === 1);
    await run(({ hooks }) => hooks.messages.markRead());
    await until(({ hooks }) => hooks.unread.messages === 0 && hooks.unread.complete && hooks.unreadHere.messages === 0);
    const own = await run(({ hooks }) => hooks.messages.send('second').sent.then(({ seq }) => seq));
    bob.conversations.open(chat.id).markRead(own!);
    await until(({ hooks }) => hooks.receipts.readBy(hooks.messages.entries[1]!.message).length === 1);
    await run(({ hooks }) => hooks.thread.send('reply').sent.then(() => undefined));
    await until(({ hooks }) => hooks.thread.entries.length === 1 && hooks.thread.root?.thread?.replies === 1 && hooks.messages.entries.length === 2);
    const other = alice();
    await other.command('conversations.preferences', { conversation_id: chat.id, archived: true });
    await until(({ hooks }) => hooks.conversations.conversations.length === 0 && hooks.archived.conversations.length === 1);
    await run(({ hooks }) => hooks.members.loadMore());
    await run(({ hooks }) => hooks.conversations.loadMore());
    expect(errors).toEqual([]);
  }, 60_000);

  it('who is there, who is typing, and what is written on another device', async () => {
    const { chat, bob, props, alice } = await scene();
    const { run, until, opened: { errors } } = await openPage(version, props);
    await until(({ hooks }, id) => hooks.presence.get(id!)?.state === 'online', bob.userId);
    const his = bob.conversations.open(chat.id);
    his.typing();
    await until(({ hooks }) => hooks.typing.users.length === 1);
    const heard = new Promise<string>((resolve) => his.on('signal', ({ type }) => resolve(type)));
    await run(({ hooks }) => hooks.typing.start());
    expect(await heard).toBe('typing');
    await run(({ hooks }) => hooks.typing.stop());
    await chat.send('said').sent;
    await until(({ hooks }) => hooks.typing.users.length === 0);
    const other = alice();
    await other.command('drafts.set', { conversation_id: chat.id, text: 'Dear all' });
    await until(({ hooks }) => hooks.draft.text === 'Dear all' && !hooks.draft.saving);
    await run(({ hooks }) => hooks.draft.set('Dear all,'));
    await until(({ hooks }) => hooks.draft.text === 'Dear all,' && !hooks.draft.saving);
    expect((await other.call('drafts.list', { user_id: 'me' })).items.map(({ text }) => text)).toEqual(['Dear all,']);
    await run(({ hooks }) => hooks.draft.clear());
    await until(({ hooks }) => hooks.draft.text === '' && !hooks.draft.saving);
    expect((await other.call('drafts.list', { user_id: 'me' })).items).toEqual([]);
    expect(errors).toEqual([]);
  }, 60_000);

  it('waits with a Suspense until there is something, and what cannot be read goes to the boundary', async () => {
    const { chat, props } = await scene();
    await chat.send('first').sent;
    const { opened: { page } } = await openPage(version, { ...props, suspense: true });
    await page.waitForSelector('#waited');
    expect(await page.textContent('#waited')).toBe('first');
    const other = await openPage(version, { ...props, conversation: 'c_00000000000000000000000000', suspense: true });
    await other.opened.page.waitForSelector('#failed', { state: 'attached' });
    expect(await other.run(({ caught }) => caught)).toBe('not_found');
  }, 60_000);

  it('ten thousand messages: pages back, stays bounded, and answers', async () => {
    long ??= longScene();
    const { run, until, opened: { errors } } = await openPage(version, { ...await long, page: 200, max: 600 });
    await until(({ hooks }) => hooks.messages.entries.length === 200);
    const walked = await run(async (page) => {
      let most = 0;
      for (let pages = 0; page.hooks.messages.hasOlder && pages < 100; pages += 1) {
        await page.hooks.messages.loadOlder();
        await new Promise((resolve) => void requestAnimationFrame(() => setTimeout(resolve)));
        most = Math.max(most, page.hooks.messages.entries.length, document.querySelectorAll('li').length);
      }
      return { first: page.hooks.messages.entries[0]!.message.text, most, lines: Object.keys(page.renders).length, rendered: Math.max(...Object.values(page.renders)) };
    });
    // Each line is rendered when it comes, twice as React does in development, and never again.
    expect(walked).toEqual({ first: '0', most: 600, lines: 10_000, rendered: 2 });
    await run((page) => page.hooks.messages.jumpToLatest());
    await until(({ hooks }) => hooks.messages.entries.at(-1)?.message.text === '9999' && hooks.messages.entries.length === 200);
    expect(errors).toEqual([]);
  }, 240_000);
});
