/** Two pages in a real browser, and a third one that is another device. */
import { startChromium, startDevServer, type Chromium, type DevServer, type OpenPage } from '@talaria/services';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startPageServer, type PageServer } from './server.js';

let server: DevServer;
let pages: PageServer;
let browser: Chromium;
const opened: OpenPage[] = [];

beforeAll(async () => {
  browser = await startChromium();
  server = await startDevServer(import.meta.url);
  pages = await startPageServer(server);
}, 300_000);

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});
afterAll(async () => {
  await browser?.stop();
  await pages?.stop();
  await server?.stop();
});

interface Person {
  readonly opened: OpenPage;
  /** What the page shows of it, once it holds this. */
  sees(selector: string, text: string | RegExp): Promise<void>;
  /** Whether it is to be seen, as it is to be. */
  shows(selector: string, wanted?: boolean): Promise<void>;
  /** Everything that the data channel has carried, own texts and theirs. */
  lines(): Promise<readonly string[]>;
  say(text: string): Promise<void>;
}

async function join(name: string, other: string): Promise<Person> {
  const one = await browser.open(`${pages.url}/?${new URLSearchParams({ name, with: other }).toString()}`);
  opened.push(one);
  const { page } = one;
  const text = (selector: string) => page.evaluate<string>(`document.querySelector(${JSON.stringify(selector)}).innerText`);
  const person: Person = {
    opened: one,
    async sees(selector, wanted) {
      await expect.poll(() => text(selector), { timeout: 20_000 }).toMatch(wanted);
    },
    async shows(selector, wanted = true) {
      await expect.poll(() => page.evaluate<boolean>(`document.querySelector(${JSON.stringify(selector)}).checkVisibility()`), { timeout: 20_000 }).toBe(wanted);
    },
    lines: () => page.evaluate("[...document.querySelectorAll('#lines li')].map((line) => `${line.className}: ${line.innerText}`)"),
    async say(words) {
      await page.fill('#text', words);
      await page.press('#text', 'Enter');
    },
  };
  await person.sees('#status', 'connected');
  await person.shows('#call');
  return person;
}

async function talk(one: Person, other: Person): Promise<void> {
  for (const person of [one, other]) await person.sees('#channel', 'Connected page to page');
  await one.say('can you hear me?');
  await expect.poll(() => other.lines(), { timeout: 20_000 }).toContain('theirs: can you hear me?');
  await other.say('loud and clear');
  await expect.poll(() => one.lines(), { timeout: 20_000 }).toContain('theirs: loud and clear');
}

test('one calls, the other answers on one of two devices, text goes from page to page, and it is over on both sides', async () => {
  const [alice, phone, desk] = [await join('alice', 'bob'), await join('bob', 'alice'), await join('bob', 'alice')];
  await alice.opened.page.click('#call');
  await alice.sees('#title', 'Calling bob');
  for (const device of [phone, desk]) await device.shows('#ringing');
  await phone.opened.page.click('#accept');
  // The other device of the same user stops ringing, by the fact and without a page to page connection.
  await desk.shows('#ringing', false);
  await desk.sees('#note', 'Answered on another device.');
  await talk(alice, phone);
  expect(await alice.lines()).toEqual(['own: can you hear me?', 'theirs: loud and clear']);
  expect(await desk.lines()).toEqual([]);
  await phone.opened.page.click('#hang-up');
  for (const person of [alice, phone]) await person.sees('#note', /The call is over after \d+ s\./);
  for (const { opened: { errors } } of [alice, phone, desk]) expect(errors).toEqual([]);
}, 120_000);

test('who declines does so on all devices, and who calls is told', async () => {
  const [alice, phone, desk] = [await join('alice', 'bob'), await join('bob', 'alice'), await join('bob', 'alice')];
  await alice.opened.page.click('#call');
  for (const device of [phone, desk]) await device.shows('#ringing');
  await desk.opened.page.click('#decline');
  for (const device of [phone, desk]) await device.sees('#note', 'Declined.');
  await alice.sees('#note', 'The call is over: declined.');
}, 120_000);

test('a page that is loaded again is in the call still, and connected anew; one that is opened while it rings, rings', async () => {
  const alice = await join('carol', 'dave');
  await alice.opened.page.click('#call');
  await alice.sees('#title', 'Calling dave');
  const bob = await join('dave', 'carol');
  await bob.shows('#ringing');
  await bob.opened.page.click('#accept');
  await talk(alice, bob);
  await bob.opened.page.reload();
  await bob.sees('#title', 'In a call with carol');
  await talk(alice, bob);
  await alice.opened.page.reload();
  await talk(alice, bob);
}, 120_000);
