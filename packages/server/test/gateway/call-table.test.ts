/** Every operation of the table as a call of the socket, in both subprotocols: it gives a user what HTTP gives them, and refuses what HTTP refuses. */
import { operationIds, operations, type OperationId } from '@talaria/protocol/operations';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BEFORE, INSTEAD } from '../http/support/readied.js';
import type { Reply } from '../http/support/reply.js';
import { startStage, type Input, type Scene, type Stage } from '../http/support/stage.js';
import { inputOf } from '../http/support/table-inputs.js';
import { absentThings, makeThings } from '../http/support/things.js';
import { manualClock } from '../support/manual-clock.js';
import type { RawClient } from './raw-client.js';

const SUBPROTOCOLS = ['talaria.v1', 'talaria.v1.json'] as const;

let stage: Stage;
let own: Scene;
interface Person {
  readonly token: string;
  readonly sockets: readonly RawClient[];
}
let alice: Person;
let bob: Person;
/** Who is invited. */
let yan: Person;
let calls = 0;
let made = 0;
/** Nobody here has logged in by the built-in identity: both ways refuse them. */
const OF_A_LOGIN: readonly OperationId[] = ['accounts.get', 'accounts.password', 'sessions.revoke'];
const done = new Set<OperationId>();

beforeAll(async () => {
  // A time is the same one however often it is asked for.
  stage = await startStage({ clock: manualClock(), passwordHash: { hash: (password) => Promise.resolve(password), verify: (hash, password) => Promise.resolve(hash === password) } });
  own = await stage.scene();
  [alice, bob, yan] = await Promise.all([own.alice, own.bob, await stage.world.user(own, 'yan')].map(async ({ token }): Promise<Person> => ({
    token, sockets: await Promise.all(SUBPROTOCOLS.map(async (protocol) => {
      const socket = await stage.world.socket(own, protocol);
      await socket.hello(token);
      return socket;
    })),
  }))) as [Person, Person, Person];
});
afterAll(() => stage.stop());

interface Answer {
  readonly code?: string;
  readonly output?: Readonly<Record<string, unknown>>;
}

async function overSocket(socket: RawClient, op: string, input: Input, clientId: string): Promise<Answer> {
  const id = (calls += 1);
  socket.up({ call: { id, op, json: JSON.stringify(input), client_id: clientId } });
  const frame = await socket.until(() => socket.frames.find((one) => (one.frame === 'reply' && one.reply.id === id) || (one.frame === 'refusal' && one.refusal.call_id === id)));
  if (frame.frame === 'reply') return { output: JSON.parse(frame.reply.json) as Answer['output'] & object };
  return frame.frame === 'refusal' ? { code: frame.refusal.code } : {};
}

/** Cursors are sealed anew each time. */
const steady = (output: Answer['output']): unknown => ({ ...output, ...(typeof output?.['next'] === 'string' && { next: 'a cursor' }) });

interface Asked {
  readonly input: Input;
  readonly reply: Reply;
  readonly person: Person;
}

/** By whom it is done, and to whom: the first that is not refused. @returns the last answer */
async function overHttp(id: OperationId): Promise<Asked> {
  // What is not for users is refused whatever it names.
  if (!operations[id].user) return ask(id, inputOf(id, absentThings()), alice);
  let last: Asked | undefined;
  for (const [person, user] of [[alice, undefined], [bob, undefined], [yan, undefined], [alice, own.bob.id], [alice, own.alice.id]] as const) {
    const things = await makeThings(stage, await freshGroup(), `subject ${made += 1}`, 'ext:alice');
    for (const [first, before] of BEFORE[id] ?? []) await stage.done(first, before(things), { as: own.key });
    last = await ask(id, { ...inputOf(id, user === undefined ? things : { ...things, user }), ...INSTEAD[id]?.(things) }, person);
    if (last.reply.status === 200) break;
  }
  return last!;
}

const ask = async (id: OperationId, input: Input, person: Person): Promise<Asked> => ({ input, person, reply: await stage.call(id, input, { as: person.token }) });

async function freshGroup(): Promise<Scene> {
  const { conversation_id: group } = await stage.done('conversations.create', { member_ids: ['ext:bob'] }, { as: own.alice.token });
  return { ...own, group };
}

describe('a call of the socket', () => {
  it.each(operationIds)('%s', async (id) => {
    const { user, command } = operations[id];
    const { input, reply, person } = await overHttp(id);
    const told = JSON.parse(reply.text) as Readonly<Record<string, unknown>>;
    // Under the key that HTTP has made for it; where it was refused, under a new one.
    const clientId = (): string => (command ? (reply.status === 200 && reply.headers.get('idempotency-key')) || stage.world.server.domain.ids.uuid() : '');
    for (const socket of person.sockets) {
      const { code, output } = await overSocket(socket, id, input, clientId());
      if (!user) expect(code).toBe('forbidden');
      else if (reply.status !== 200) expect(code).toBe(told['code']);
      else {
        // The same command under the same key is answered as before (SND2).
        expect(steady(output)).toEqual(steady(command ? { ...told, duplicate: true } : told));
        done.add(id);
      }
    }
  });

  it('is done, of every operation that users may ask for, but for what a session must come from', () => {
    expect(operationIds.filter((id) => operations[id].user && !done.has(id))).toEqual(OF_A_LOGIN);
  });

  it('of what the table does not have is refused', async () => {
    for (const socket of alice.sockets) for (const op of ['messages', 'messages.send ', '__proto__', '']) expect((await overSocket(socket, op, {}, '')).code).toBe('unknown_operation');
  });
});
