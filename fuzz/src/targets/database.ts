/** Damaged data directories: refused with one clear line, or served without an answer that is the server's own fault. */
import { isErrorCode } from '@talaria/protocol';
import { checkDatabase, createServer, DatabaseUnusableError, type RunningServer } from '@talaria/server';
import { rmSync } from 'node:fs';
import { anyDamage, type DamageInput } from '../arbitraries/damage.js';
import { Finding, hold } from '../finding.js';
import { createOriginals } from '../rig/damaged-directory.js';
import { FrameSocket } from '../rig/frame-socket.js';
import type { Scene } from '../rig/scene.js';
import type { Target } from '../target.js';

type Check = typeof checkDatabase;

const LAST_CALL = 0xffff_ffff;
const LINE_CHARS_MAX = 600;
const ANSWER_MS_MAX = 60_000;

export const databaseTarget = (check: Check = checkDatabase, start: typeof createServer = createServer): Target<DamageInput> => ({
  name: 'database',
  batch: 250,
  async open() {
    const originals = await createOriginals();
    return {
      inputs: anyDamage,
      async attack(input) {
        const directory = originals.damaged(input);
        try {
          return [`check ${checkCode(check, directory)}`, ...await serve(start, directory, originals.scene)];
        } finally {
          rmSync(directory, { recursive: true, force: true });
        }
      },
      show: (input) => JSON.stringify(input),
      close: () => Promise.resolve(originals.close()),
    };
  },
});

function checkCode(check: Check, directory: string): string {
  try {
    return check(directory).length === 0 ? 'sound' : 'damaged';
  } catch (error) {
    if (!(error instanceof DatabaseUnusableError)) throw error;
    refuseUnclear(error.message);
    return 'refused';
  }
}

function refuseUnclear(message: string): void {
  // eslint-disable-next-line no-control-regex -- these are what must not be in it
  hold(message !== '' && message.length <= LINE_CHARS_MAX && !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(message), () => `the refusal is not one clear line: ${JSON.stringify(message)}`);
  // The words of V8 are no sentence for an operator.
  hold(!/\b(?:undefined|TypeError|is not a function|Cannot read properties|is not iterable)\b/.test(message), () => `the refusal says what went wrong inside: ${message}`);
}

async function serve(start: typeof createServer, data: string, scene: Scene): Promise<readonly string[]> {
  let server: RunningServer;
  try {
    server = await start({ data, port: 0, durability: 'relaxed' });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    refuseUnclear(error.message);
    return ['start refused'];
  }
  try {
    return ['started', ...await ask(server.url, scene), await connect(server.url, scene)];
  } finally {
    await server.stop();
  }
}

/** Reads and writes of every kind, as clients that knew the directory before. */
async function ask(url: string, scene: Scene): Promise<readonly string[]> {
  const group = scene.names.get('$group')!;
  const { alice, key, admin } = scene.credentials;
  const asked: readonly (readonly [as: string, method: string, path: string, body?: object])[] = [
    [admin, 'GET', '/v1/status'], [admin, 'GET', '/v1/apps'], [admin, 'GET', '/v1/tenants'], [admin, 'GET', '/v1/keys'], [key, 'GET', '/v1/users?limit=200'], [key, 'GET', '/v1/usage'],
    [alice, 'GET', '/v1/users/me'], [alice, 'GET', '/v1/users/me/conversations'], [alice, 'GET', `/v1/conversations/${group}`], [alice, 'GET', `/v1/conversations/${group}/members`],
    [alice, 'GET', `/v1/conversations/${group}/facts?limit=200`], [alice, 'GET', `/v1/conversations/${group}/marks`], [alice, 'GET', `/v1/messages?conversation_id=${group}&limit=200`],
    [alice, 'GET', `/v1/messages/${scene.names.get('$message')}`], [alice, 'POST', '/v1/messages', { conversation_id: group, text: 'after the damage' }],
    [alice, 'PATCH', `/v1/messages/${scene.names.get('$message2')}`, { text: 'edited' }], [alice, 'PUT', `/v1/conversations/${group}/mark`, { read_seq: 5 }],
    [key, 'POST', '/v1/users', { external_id: 'after' }], [alice, 'GET', `/v1/messages?conversation_id=${group}&limit=200`],
  ];
  const codes: string[] = [];
  for (const [as, method, path, body] of asked) codes.push(await answer(url, as, method, path, body));
  return [...new Set(codes)];
}

/** A client that comes back and follows everything: the gateway reads what HTTP does not. */
async function connect(url: string, scene: Scene): Promise<string> {
  const socket = await FrameSocket.open(url, scene.publicKey, 'binary').catch(() => undefined);
  // An app whose row is damaged is not found, which is said before there is a socket.
  if (!socket) return 'no socket';
  try {
    socket.up({ hello: { token: scene.credentials.alice, device_id: 'd', agent: 'fuzz', follow_recent: 20 } });
    await socket.until(() => socket.frames.find((frame) => frame.frame === 'heads' || frame.frame === 'refusal'));
    socket.up({ follow: { stream: scene.names.get('$group')!, all: true, cursor: { stream: scene.names.get('$group')!, seq: 0, epoch: '' } } });
    socket.up({ call: { id: LAST_CALL, op: 'users.get', json: '{"user_id":"me"}' } });
    await socket.until(() => socket.frames.find((frame) => (frame.frame === 'reply' && frame.reply.id === LAST_CALL) || (frame.frame === 'refusal' && frame.refusal.call_id === LAST_CALL)));
    hold(socket.broken === undefined, () => `the server sent what is no frame: ${String(socket.broken)}`);
    const codes = socket.frames.flatMap((frame) => (frame.frame === 'refusal' ? [frame.refusal.code] : []));
    hold(codes.every(isErrorCode), () => `the socket was refused with ${codes.join(', ')}`);
    if (codes.includes('internal')) await refuseReady(url, 'a frame');
    return socket.closed ? `closed ${socket.closed.code}` : 'connected';
  } finally {
    socket.destroy();
  }
}

/** A server may know that it cannot serve; then it must say so. */
async function refuseReady(url: string, asked: string): Promise<void> {
  const ready = await fetch(`${url}/readyz`);
  hold(!ready.ok, () => `${asked} was answered with internal, and /readyz says ${ready.status}`);
}

async function answer(url: string, as: string, method: string, path: string, body: object | undefined): Promise<string> {
  const reply = await fetch(url + path, {
    method, headers: { 'authorization': `Bearer ${as}`, 'content-type': 'application/json' }, ...(body && { body: JSON.stringify(body) }), signal: AbortSignal.timeout(ANSWER_MS_MAX),
  }).catch((error: unknown) => {
    throw new Finding(`no answer to ${method} ${path}: ${String(error)}`);
  });
  const text = await reply.text();
  if (reply.ok) return 'ok';
  const { code } = JSON.parse(text) as { code: string };
  hold(isErrorCode(code), () => `${method} ${path} was answered without a code: ${text.slice(0, 300)}`);
  if (code === 'internal') await refuseReady(url, `${method} ${path}`);
  return code;
}
