/** User tokens: only what the app's own secret signed is let in, everything else gets one of two codes, and nobody is asked about it. */
import { limits } from '@talaria/protocol';
import { anyToken, renderToken, rightSignature, type TokenInput } from '../arbitraries/token.js';
import { Finding, hold } from '../finding.js';
import { FrameSocket } from '../rig/frame-socket.js';
import { HttpConnection } from '../rig/http-connection.js';
import { CANARY, createScene, type Scene } from '../rig/scene.js';
import { startServer } from '../rig/server.js';
import { openTrap } from '../rig/trap.js';
import type { Target } from '../target.js';

const REFUSALS: ReadonlySet<string> = new Set(['invalid_token', 'token_expired']);
/** The clocks of the server and of those who sign may differ by this. */
const SKEW_S = 31;
/** What a frame holds beside a token. */
const FRAME_CHARS = 200;
const WHOLE_FRAME_ENDS: ReadonlySet<number> = new Set([1006, 1009]);
/** What the head of a request holds beside a token. */
const HEADER_CHARS_MAX = 12_000;

/** @param tampered what becomes of an answer's code before it is looked at: for tests that break it */
export const jwtTarget = (tampered: (code: string, input: TokenInput) => string = (code) => code): Target<TokenInput> => ({
  name: 'jwt',
  batch: 5_000,
  async open() {
    const rig = await startServer();
    const http = new HttpConnection(rig.server.port);
    const trap = await openTrap(rig.server.port);
    let scene: Scene;
    let socket: FrameSocket | undefined;

    /** One connection that refreshes its token again and again. */
    async function refreshing(): Promise<FrameSocket> {
      if (socket && !socket.closed) return socket;
      socket = await FrameSocket.open(rig.server.url, scene.publicKey, 'binary');
      socket.up({ hello: { token: scene.names.get('$mallory_token')!, device_id: 'd', agent: 'fuzz' } });
      await socket.until(() => socket?.frames.find((frame) => frame.frame === 'heads'));
      return socket;
    }

    async function refresh(token: string): Promise<string> {
      const client = await refreshing();
      client.frames.length = 0;
      client.heard = '';
      client.up({ refresh: { token } });
      return codeOver(client, 'refreshed');
    }

    async function hello(token: string): Promise<string> {
      const client = await FrameSocket.open(rig.server.url, scene.publicKey, 'json');
      try {
        client.up({ hello: { token, device_id: 'd', agent: 'fuzz' } });
        return await codeOver(client, 'welcome');
      } finally {
        client.destroy();
      }
    }

    return {
      inputs: anyToken,
      async renew() {
        socket?.destroy();
        socket = undefined;
        const made = await createScene(rig);
        scene = { ...made, names: new Map([...made.names, ['$trap', trap.url]]) };
      },
      async attack(input) {
        const token = renderToken(input, scene, Date.now());
        const overHttp = input.via === 'http' && /^[\u0021-\u007e]+$/.test(token) && token.length < HEADER_CHARS_MAX;
        const code = tampered(overHttp ? await askOverHttp(http, token) : await (input.via === 'hello' ? hello(token) : refresh(token)), input);
        hold(code === 'ok' || isRefusal(code, input, token), () => `the token got ${code}`);
        if (code === 'ok') refuseForged(token, scene, overHttp);
        hold(trap.visits === 0, () => 'the server asked somebody else about the token');
        return [code];
      },
      show: (input) => JSON.stringify(input),
      async close() {
        http.close();
        socket?.destroy();
        await trap.close();
        await rig.stop();
      },
    };
  },
});

/** A token that names another key than the app's is `revoked`, and one that is too long for its field ends at the decoder. */
function isRefusal(code: string, { claims }: TokenInput, token: string): boolean {
  if (REFUSALS.has(code)) return true;
  if (code === 'revoked') return typeof claims === 'object' && claims !== null && 'key' in claims;
  // In the JSON form a control character takes six bytes.
  if (code === 'cut off') return Buffer.byteLength(JSON.stringify(token)) > limits.frame_bytes_max - FRAME_CHARS;
  return code === 'too_large' && Buffer.byteLength(token) > limits.token_chars_max;
}

async function askOverHttp(http: HttpConnection, token: string): Promise<string> {
  const reply = await http.exchange(Buffer.from(`GET /v1/users/me HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer ${token}\r\n\r\n`, 'latin1'));
  if (!reply) throw new Finding('the connection ended without an answer');
  hold(!reply.body.includes(CANARY), () => 'something of the other app is in the answer');
  return reply.status === 200 ? 'ok' : (JSON.parse(reply.body) as { code: string }).code;
}

async function codeOver(client: FrameSocket, success: 'welcome' | 'refreshed'): Promise<string> {
  const answer = await client.until(() => client.frames.find((frame) => frame.frame === success || frame.frame === 'refusal'));
  hold(!client.heard.includes(CANARY), () => 'something of the other app came over the socket');
  // `ws.frame-too-long`: such a connection ends before anything is read.
  if (!answer && WHOLE_FRAME_ENDS.has(client.closed?.code ?? 0)) return 'cut off';
  if (!answer) throw new Finding(`the connection was closed with ${client.closed?.code} before the token was answered`);
  if (answer.frame !== 'refusal') return 'ok';
  // The next token must not go to a connection that is about to end.
  if (answer.refusal.code === 'too_large') await client.until(() => undefined);
  return answer.refusal.code;
}

/** Reads an accepted token anew, with nothing of the product. @param anyApp over HTTP the token itself says for which app it is */
function refuseForged(token: string, scene: Scene, anyApp: boolean): void {
  const [head = '', body = '', signature = '', ...more] = token.split('.');
  const { alg } = partOf(head);
  const { aud, sub, exp, nbf } = partOf(body);
  const foreign = anyApp && aud === scene.names.get('$foreign_app');
  const right = rightSignature(`${head}.${body}`, foreign ? scene.foreignSecret : scene.signingSecret);
  hold(more.length === 0 && signature === right, () => 'a token was let in that the app did not sign');
  const nowS = Date.now() / 1_000;
  hold(alg === 'HS256', () => `a token was let in whose algorithm is ${String(alg)}`);
  hold(foreign || aud === scene.appId, () => `a token was let in that is for ${JSON.stringify(aud)}`);
  hold(typeof sub === 'string' && sub !== '' && !sub.startsWith('ext:'), () => `a token was let in whose subject is ${JSON.stringify(sub)}`);
  hold(typeof exp === 'number' && exp > nowS - SKEW_S, () => `a token was let in that expires at ${JSON.stringify(exp)}`);
  hold(nbf === undefined || (typeof nbf === 'number' && nbf < nowS + SKEW_S), () => `a token was let in that is not valid before ${JSON.stringify(nbf)}`);
}

/** The fields of a part; none where it has none, so that whatever was to be in it is missed. */
function partOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return { ...JSON.parse(Buffer.from(text, 'base64url').toString()) as object };
  } catch {
    return {};
  }
}
