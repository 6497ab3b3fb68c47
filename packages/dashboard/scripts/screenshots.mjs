// Makes the pictures of docs/dashboard.md: a real server with people at it, and a browser before it. Takes about four minutes.
// Usage: npm run --silent screenshots -w packages/dashboard [-- --out FOLDER] [--live SECONDS]. Needs a build.
import { parseMessageId } from '@talaria/protocol';
import { createServer, dashboardLink, ensureAdminKey } from '@talaria/server';
import { loadConfig } from '@talaria/server/config';
import { startChromium } from '@talaria/services';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { markRead, startLife, tellStory, tellWeek, withServer } from './scene.mjs';
import { setBack } from './set-back.mjs';

const BYTES_MAX = 200 * 1_024;
const WIDE = { width: 1_280, height: 900 };
const PHONE = { width: 390, height: 844 };
const OVERVIEWS = [['overview-light', '/', { height: 1_520 }], ['overview-dark', '/', { height: 1_520, colorScheme: 'dark' }], ['overview-phone', '/', { ...PHONE, height: 1_100, colorScheme: 'dark' }]];

const { values } = parseArgs({ options: { out: { type: 'string' }, live: { type: 'string', default: '110' } } });
const out = values.out ?? fileURLToPath(new URL('../../../docs/images', import.meta.url));
mkdirSync(out, { recursive: true });
const data = mkdtempSync(join(tmpdir(), 'talaria-screenshots-'));

const config = loadConfig({ flags: { data: '/var/lib/talaria', log_level: 'info' }, environment: { TALARIA_TRUST_PROXY: '10.0.0.0/8' }, file: { path: '/etc/talaria.json', text: '{ "drain_ms": 15000 }' }, readText: (path) => readFileSync(path, 'utf8') });
// The week is written to a server that is gone then: the one in the pictures knows its own minutes alone.
const week = await tellWeekBefore();
const server = await start();
const browser = await startChromium();
try {
  const scene = withServer(week, server);
  const life = startLife(server, scene);
  const story = await tellStory(scene);
  await seconds(Number(values.live));
  const traced = await traceOne(scene, life);
  const session = await signIn(server.url + await dashboardLink(server));
  await takeAll(session, OVERVIEWS);
  await moderate(session, scene, life);
  await takeAll(session, scenesOf(scene, story, traced, life));
  await life.stop();
} finally {
  await browser.stop();
  await server.stop();
  rmSync(data, { recursive: true });
}

function start() {
  return createServer({ data, port: 0, addressRate: { per_s: 0, burst: 0 }, settings: config.entries });
}

async function tellWeekBefore() {
  const before = await start();
  const { path } = await ensureAdminKey(before, data);
  try {
    return await tellWeek(before, readFileSync(path, 'utf8').trim(), setBack);
  } finally {
    await before.stop();
  }
}

function seconds(count) {
  return new Promise((resolve) => {
    setTimeout(resolve, count * 1_000);
  });
}

/** A message whose way is recorded. */
async function traceOne({ backend, groups }, { clients }) {
  const group = groups.find(({ name }) => name === 'Ferry 12');
  await backend.traces.start({ conversation_id: group.id, for_s: 600 });
  const writer = clients.find(({ id }) => id === group.members[0].id);
  const { id } = await writer.client.conversations.open(group.id).send('Ferry 12 has left, 212 on board.').sent;
  await markRead(backend, group, parseMessageId(id).seq);
  return id;
}

/** What an operator does in a day, and somebody who does not know a password: for the log. */
async function moderate(storageState, { app, people }, { clients }) {
  const { page, close } = await browser.open(`${server.url}/dashboard/`, { storageState });
  const person = people.at(-1).id;
  const { items: [connection] } = await ask(page, 'GET', `/v1/connections?app_id=${app.id}&user_id=${clients.at(-1).id}`);
  await ask(page, 'POST', `/v1/connections/${connection.id}/close`, { reason: 'a laptop that was left on board' });
  await ask(page, 'POST', `/v1/users/${person}/deactivate`, {}, app.id);
  await ask(page, 'POST', `/v1/users/${person}/reactivate`, {}, app.id);
  await ask(page, 'PATCH', `/v1/apps/${app.id}`, { retention_days: 365 });
  await close();
  await fetch(`${server.url}/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json', origin: server.url }, body: JSON.stringify({ login: 'ola@example.com', password: 'a wrong password' }) });
}

/** As the page itself asks. */
function ask(page, method, path, body, app) {
  return page.evaluate(async ([how, where, sent, actFor]) => {
    const { csrf_token: token } = await (await fetch('/v1/session')).json();
    const headers = { 'talaria-csrf': token, ...(actFor && { 'talaria-act-for': actFor }), ...(sent && { 'content-type': 'application/json' }) };
    const answer = await fetch(where, { method: how, headers, ...(sent && { body: JSON.stringify(sent) }) });
    if (!answer.ok) throw new Error(`${where}: ${await answer.text()}`);
    return answer.json();
  }, [method, path, body, app]);
}

/** The first owner comes in, and stays: the same session takes all pictures. */
async function signIn(link) {
  const { page, close } = await browser.open(link);
  await page.getByLabel('Login').fill('ola@example.com');
  await page.getByLabel('Name').fill('Ola Berg');
  await page.getByLabel('Password').fill('a good long password');
  await page.getByRole('button', { name: 'Come in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  const state = await page.context().storageState();
  await close();
  return state;
}

/** Names of pictures, and what stands there. @returns {[name: string, path: string, look?: object][]} */
function scenesOf({ app, groups: [group] }, { edited }, traced, { clients }) {
  const inApp = `/apps/${app.id}`;
  const { seq } = parseMessageId(edited);
  return [
    ['connections', '/connections'], ['conversation', `${inApp}/conversations/${group.id}?from=${seq - 8}&seq=${seq}`, { height: 860 }], ['as-it-stood', `${inApp}/conversations/${group.id}?tab=state&seq=${seq + 1}`],
    ['message-light', `${inApp}/messages/${traced}`, { height: 1_300 }], ['message-dark', `${inApp}/messages/${traced}`, { height: 1_300, colorScheme: 'dark' }], ['message-phone', `${inApp}/messages/${traced}`, { ...PHONE, height: 1_100 }],
    ['users', `${inApp}/users`], ['user', `${inApp}/users/${clients[0].id}`], ['usage', `${inApp}/usage`, { height: 1_020 }],
    ['log', '/logs'],
  ];
}

async function takeAll(storageState, scenes) {
  for (const [name, path, look = {}] of scenes) {
    const { width, height, colorScheme } = { ...WIDE, colorScheme: 'light', ...look };
    const { page, close, errors } = await browser.open(`${server.url}/dashboard${path}`, { storageState, viewport: { width, height }, colorScheme });
    await page.locator('.frame h1').waitFor();
    await page.locator('[aria-busy="true"], .skeleton').first().waitFor({ state: 'detached' });
    // Names of users come after the rows that they stand in.
    await page.waitForLoadState('networkidle');
    const file = join(out, `dashboard-${name}.png`);
    await page.screenshot({ path: file });
    const { size } = statSync(file);
    process.stdout.write(`${file} ${size} bytes${errors.length > 0 ? ` ${errors.join(' ')}` : ''}\n`);
    if (size > BYTES_MAX || errors.length > 0) process.exitCode = 1;
    await close();
  }
}
