/** A whole server over real sockets: each session is answered with known codes or closed with a documented one, and others do not notice. */
import { createUuid7, errorCodes, errorInfo, isErrorCode, limits, uuidText, type DownFrame, type UpInput } from '@talaria/protocol';
import { randomFillSync } from 'node:crypto';
import type { Form } from '../arbitraries/golden.js';
import { anySession, type SessionInput, type Step } from '../arbitraries/session.js';
import { hold } from '../finding.js';
import { DueAnswers } from '../rig/answers.js';
import { FrameSocket } from '../rig/frame-socket.js';
import { HonestPair } from '../rig/honest-pair.js';
import { CANARY, createScene, resolve, type Scene } from '../rig/scene.js';
import { startServer, type ServerRig } from '../rig/server.js';
import type { Target } from '../target.js';

const newUuid = createUuid7({ now: Date.now, fill: (bytes) => void randomFillSync(bytes) });
const LAST_CALL = 0xffff_ffff;
/** Sessions between two messages of the honest clients. */
const HONEST_EVERY = 25;
const CLOSES: ReadonlySet<number> = new Set(errorCodes.filter((code) => code !== 'internal').flatMap((code): number[] => {
  const { close } = errorInfo(code) as { close?: number };
  return close === undefined ? [] : [close];
}));
/** RFC 6455, and what `ws.*` of docs/bad-input.md says of broken framing: some ends have no close frame. */
const WIRE_CLOSES: ReadonlySet<number> = new Set([1002, 1005, 1006, 1007, 1008, 1009]);

/** @param tampered what becomes of the frames before they are looked at: for tests that break them */
export const gatewayTarget = (tampered: (frames: readonly DownFrame[], input: SessionInput) => readonly DownFrame[] = (frames) => frames): Target<SessionInput> => ({
  name: 'frames.gateway',
  batch: 500,
  async open() {
    const rig = await startServer();
    let scene: Scene;
    let honest: HonestPair | undefined;
    let sessions = 0;
    return {
      inputs: anySession,
      async renew() {
        honest?.end();
        scene = await createScene(rig);
        honest = await HonestPair.open(rig.server.url, scene);
      },
      async attack(input) {
        sessions += 1;
        const codes = await session(rig, scene, input, tampered);
        if (sessions % HONEST_EVERY === 0) await honest?.exchange();
        return codes;
      },
      settle: async () => honest?.exchange(),
      show: (input) => JSON.stringify(input),
      async close() {
        honest?.end();
        await rig.stop();
      },
    };
  },
});

async function session({ server: { url } }: ServerRig, scene: Scene, input: SessionInput, tampered: (frames: readonly DownFrame[], input: SessionInput) => readonly DownFrame[]): Promise<readonly string[]> {
  const socket = await FrameSocket.open(url, scene.publicKey, input.form);
  try {
    const names = new Map([...scene.names, ...Array.from({ length: 6 }, (_, at): [string, string] => [`$id${at}`, uuidText(newUuid())])]);
    const due = new DueAnswers();
    const wired = await say(socket, input, names, due);
    if (!wired) {
      for (const frame of lastWords(names)) {
        due.add(frame);
        socket.up(frame);
      }
      await socket.until(() => (due.missing(socket.frames).length === 0 ? true : undefined));
    } else await socket.until(() => undefined);
    hold(socket.broken === undefined, () => `the server sent what is no frame: ${String(socket.broken)}`);
    hold(!socket.heard.includes(CANARY), () => 'something of the other app came over the socket');
    return judge(tampered(socket.frames, input), socket.closed, input, wired);
  } finally {
    socket.destroy();
  }
}

/** @returns whether it ended below the WebSocket */
async function say(socket: FrameSocket, { form, steps }: SessionInput, names: ReadonlyMap<string, string>, due: DueAnswers): Promise<boolean> {
  for (const step of steps) {
    if (socket.closed) return false;
    switch (step.kind) {
      case 'hello': await hello(socket, step, names); break;
      case 'frame': {
        const frame = resolve(names, step.frame) as UpInput;
        due.add(frame);
        socket.up(frame);
        break;
      }
      case 'bytes': socket.send(Buffer.from(step.hex, 'hex'), form === 'binary'); break;
      case 'other_kind': socket.send(Buffer.from(step.hex, 'hex'), form !== 'binary'); break;
      case 'wire': socket.cut(Buffer.from(step.hex, 'hex')); return true;
    }
  }
  return false;
}

/** What follows a hello is meant for a session that is open; frames sent with it would only find it not yet open. */
async function hello(socket: FrameSocket, step: Extract<Step, { kind: 'hello' }>, names: ReadonlyMap<string, string>): Promise<void> {
  socket.up(resolve(names, { hello: { ...step.extra, token: '$mallory_token' } }) as UpInput);
  await socket.until(() => socket.frames.find((frame) => frame.frame === 'heads' || frame.frame === 'refusal'));
}

/** A question for those who read and a command for those who write: when both are answered, all before them has been. */
const lastWords = (names: ReadonlyMap<string, string>): readonly UpInput[] => [
  { call: { id: LAST_CALL, op: 'users.get', json: '{"user_id":"me"}' } },
  { send: { client_id: uuidText(newUuid()), conversation_id: names.get('$group')!, text: 'last words' } },
];

function judge(frames: readonly DownFrame[], closed: FrameSocket['closed'], input: SessionInput, wired: boolean): readonly string[] {
  const codes = frames.map((frame) => (frame.frame === 'refusal' ? refusalCode(frame.refusal) : frame.frame));
  if (!closed) return codes;
  const broken = wired || input.steps.some((step) => isOversized(step) || isInvalidText(step, input.form));
  const allowed = CLOSES.has(closed.code) || (broken && WIRE_CLOSES.has(closed.code));
  hold(allowed, () => `the connection was closed with ${closed.code} ${closed.reason}`);
  return [...codes, `closed ${closed.code}`];
}

const isOversized = (step: Step): boolean =>
  ('hex' in step && step.hex.length > limits.frame_bytes_max * 2) || (step.kind === 'frame' && Buffer.byteLength(JSON.stringify(step.frame)) > limits.frame_bytes_max);

/** A text message must be UTF-8, whatever it says (`ws.invalid-text`). */
function isInvalidText(step: Step, form: Form): boolean {
  if (step.kind !== (form === 'json' ? 'bytes' : 'other_kind')) return false;
  const bytes = Buffer.from(step.hex, 'hex');
  return !Buffer.from(bytes.toString()).equals(bytes);
}

function refusalCode({ code, remediation, message, retryable }: Extract<DownFrame, { frame: 'refusal' }>['refusal']): string {
  hold(isErrorCode(code) && code !== 'internal', () => `refused with the code ${JSON.stringify(code)}: ${message}`);
  const info = errorInfo(code as Parameters<typeof errorInfo>[0]);
  hold(info.status < 500 || info.retryable, () => `refused with ${code}: ${message}`);
  hold(remediation === info.remedy && retryable === info.retryable && message !== '', () => `${code} does not say what the table says`);
  return code;
}
