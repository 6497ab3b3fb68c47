import { connect, type Client, type Message, type TokenContext } from '@talaria/sdk';
import { connectAdmin, type Admin } from '@talaria/sdk/admin';
import { startDevServer, type DevServer } from '@talaria/services';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { build, startBackend, type Backend } from './server.js';

let directory: string;
let main: string;
let server: DevServer;
let backend: Backend | undefined;
let admin: Admin;
const clients: Client[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'talaria-backend-'));
  main = build();
  server = await startDevServer(import.meta.url);
  admin = connectAdmin({ url: server.url, key: server.app_key });
  backend = await begin();
}, 120_000);

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});
afterAll(async () => {
  await backend?.stop();
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const begin = (): Promise<Backend> => startBackend(main, server, join(directory, 'bot.store'));

interface Asked {
  readonly status: number;
  readonly body: { readonly token?: string; readonly conversation_id?: string; readonly error?: string };
  readonly cookie: string;
}

async function ask(path: string, body: object, cookie = '', type = 'application/json'): Promise<Asked> {
  const response = await fetch(new URL(path, backend?.url), { method: 'POST', headers: { 'content-type': type, cookie }, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() as Asked['body'], cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '' };
}

const signIn = async (login: string, password: string): Promise<string> => (await ask('/login', { login, password })).cookie;

/** What the app's page does: a client whose tokens come from the backend. */
function clientOf(cookie: string, reasons: TokenContext['reason'][] = []): Client {
  const client = connect({
    url: server.url, app: server.app_public_key,
    token: async ({ reason }) => {
      reasons.push(reason);
      const { body: { token, error } } = await ask('/talaria-token', {}, cookie);
      if (token === undefined) throw new Error(error);
      return token;
    },
  });
  clients.push(client);
  return client;
}

test('signs in, and mints tokens for the user of the session alone', async () => {
  expect((await ask('/login', { login: 'alice', password: 'guess' })).status).toBe(401);
  expect((await ask('/login', { login: 'nobody', password: '' })).status).toBe(400);
  expect((await ask('/talaria-token', {})).status).toBe(401);
  const cookie = await signIn('alice', 'wonderland');
  // A page of another site can send a form, with the cookie where SameSite is not known, but not this type.
  expect((await ask('/talaria-token', {}, cookie, 'text/plain')).status).toBe(415);
  expect((await ask('/orders', { number: '1', text: 'x'.repeat(20_000) }, cookie)).status).toBe(413);
  // Whom the request names does not matter.
  const { body: { token } } = await ask('/talaria-token', { user: 'bob', external_id: 'bob' }, cookie);
  const client = connect({ url: server.url, app: server.app_public_key, token: token! });
  clients.push(client);
  await client.ready();
  expect((await client.call('users.get', { user_id: 'me' })).external_id).toBe('alice');
});

test('a client asks for the next token before the old one ends, and is let go when the user signs out', async () => {
  const cookie = await signIn('bob', 'builder');
  const reasons: TokenContext['reason'][] = [];
  const client = clientOf(cookie, reasons);
  const states: string[] = [];
  client.on('status', ({ state }) => states.push(state));
  await client.ready();
  // A token of this test is good for ten seconds.
  await expect.poll(() => reasons, { timeout: 20_000 }).toEqual(['connect', 'refresh']);
  expect(states.filter((state) => state !== 'connecting')).toEqual(['connected']);
  await (await client.conversations.create({ name: 'still here', members: ['ext:sam'] })).send('with the next token').sent;
  expect((await ask('/logout', {}, cookie)).status).toBe(200);
  expect((await ask('/talaria-token', {}, cookie)).status).toBe(401);
  await expect.poll(() => client.status.state, { timeout: 20_000 }).toBe('closed');
}, 60_000);

test('an order is one conversation, however often it is sent, and only its buyer cancels it', async () => {
  const [buyer, staff] = [await signIn('alice', 'wonderland'), await signIn('sam', 'potatoes')];
  const order = { number: '1024', text: 'Two soups' };
  const [first, again] = [await ask('/orders', order, buyer), await ask('/orders', order, buyer)];
  const id = first.body.conversation_id!;
  expect(again.body.conversation_id).toBe(id);
  const [alice, sam] = [clientOf(buyer), clientOf(staff)];
  await Promise.all([alice.ready(), sam.ready()]);
  const texts = async (): Promise<(string | undefined)[]> => (await alice.call('messages.list', { conversation_id: id })).items.map(({ text }) => text);
  expect(await texts()).toEqual(['Two soups']);
  await sam.conversations.open(id).send('cancel').sent;
  await expect.poll(texts, { timeout: 20_000 }).toEqual(['Two soups', 'cancel', 'Only who has ordered can cancel order 1024.']);
  expect((await admin.conversations.get({ conversation_id: id })).data).toMatchObject({ state: 'open' });
  await alice.conversations.open(id).send('Cancel, please').sent;
  await expect.poll(texts, { timeout: 20_000 }).toContain('Order 1024 is cancelled.');
  expect((await admin.conversations.get({ conversation_id: id })).data).toMatchObject({ state: 'cancelled' });
});

test('each message has its effect once, also when the backend is killed in between and while it is away', async () => {
  const cookie = await signIn('alice', 'wonderland');
  const { body: { conversation_id: id } } = await ask('/orders', { number: '2048', text: 'Bread' }, cookie);
  const alice = clientOf(cookie);
  await alice.ready();
  const order = alice.conversations.open(id!);
  const answers: Message[] = [];
  order.on('message', (message) => {
    if (message.senderId !== alice.userId) answers.push(message);
  });
  await Promise.all(Array.from({ length: 20 }, (_, index) => order.send(`cancel ${index}`).sent));
  await expect.poll(() => answers.length, { timeout: 20_000 }).toBeGreaterThan(4);
  await backend?.stop('SIGKILL');
  const killedAt = answers.length;
  await Promise.all(Array.from({ length: 10 }, (_, index) => order.send(`cancel ${20 + index}`).sent));
  backend = await begin();
  await expect.poll(() => answers.length, { timeout: 20_000 }).toBe(30);
  expect(killedAt).toBeLessThan(30);
  // The word that comes last is answered last, so one answer too many would stand before it.
  await order.send('cancel the last one').sent;
  await expect.poll(() => answers.length, { timeout: 20_000 }).toBeGreaterThan(30);
  const { items } = await alice.call('messages.list', { conversation_id: id!, limit: 200 });
  expect(items.filter(({ text }) => text === 'Order 2048 is cancelled.')).toHaveLength(31);
}, 90_000);
