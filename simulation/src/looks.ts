/**
 * What people and backends read in the evening, when all is mended: the operations of the table that are no commands. Each must be answered or
 * refused as the table has it, and names nothing of the app beside it (ISO1).
 */
import type { CallState } from '@talaria/protocol';
import { operations, type OperationId } from '@talaria/protocol/operations';
import { TalariaError } from '@talaria/sdk';
import { messageOf, type Around, type Input } from './deeds.js';
import type { AppStage } from './stage.js';
import type { Breach } from './watch.js';
import type { World } from './world.js';

type Look = (around: Around) => Input | undefined;

const inConversation: Look = ({ conversation }) => ({ conversation_id: conversation });
const ofOwn: Look = ({ user, backend }) => ({ user_id: backend ? user : 'me' });
const ofEverybody: Look = ({ app }) => ({ user_ids: [...app.users.values()] });
const aboutMessage: Look = (around) => {
  const message_id = messageOf(around);
  return message_id === undefined ? undefined : { message_id };
};
const pollOf: Look = (around) => {
  const message_id = messageOf(around, ({ payload }) => payload.includes('"poll"') && !payload.includes('"anonymous":true'));
  return message_id === undefined ? undefined : { message_id };
};

/** Beside what is read to be compared with the facts (differences.ts). */
export const LOOKS: Readonly<Partial<Record<OperationId, Look>>> = {
  'users.batch': ofEverybody,
  'users.presence': ofEverybody,
  'users.list': () => ({}),
  'conversations.list': () => ({}),
  'facts.changes': ({ app, store, conversation }) => ({ conversation_id: conversation, after_seq: 0, from_seq: 1, to_seq: store.calls.head(app.id, conversation)?.headSeq ?? 1 }),
  'invitations.list': inConversation,
  'links.list': inConversation,
  'links.get': ({ app, dice }) => (app.codes.length === 0 ? undefined : { code: dice.pick(app.codes) }),
  'requests.list': inConversation,
  'marks.list': inConversation,
  'messages.history': aboutMessage,
  'receipts.get': aboutMessage,
  'reactions.list': aboutMessage,
  'polls.voters': pollOf,
  'calls.active': ofOwn,
  'calls.get': ({ app, store, conversation }) => {
    const [call] = store.calls.calls(app.id, null, conversation, 1, null)?.items ?? [];
    return call && { call_id: (JSON.parse(call.value) as CallState).id };
  },
  'sessions.list': ofOwn,
  'usage.list': () => ({}),
};

const looks = Object.entries(LOOKS) as [OperationId, Look][];
/** What is said of a server that works, and of something that may not be seen. */
const FAULTS: ReadonlySet<string> = new Set(['internal', 'unavailable', 'unknown_operation', 'invalid_argument']);

/** Everybody looks at everything. @returns what is wrong */
export async function lookAround(world: World): Promise<Breach[]> {
  const { main, other } = world.stage;
  const found = await Promise.all([[main, other], [other, main]].map(([app, beside]) => lookIn(world, app!, beside!)));
  return found.flat();
}

async function lookIn(world: World, app: AppStage, beside: AppStage): Promise<Breach[]> {
  const found: Breach[] = [];
  const foreign = [...beside.users.values(), ...beside.conversations];
  const dice = world.dice.named(`looks of ${app.id}`);
  const around = (user: string, backend: boolean): Around => ({ app, store: world.disk.store, conversation: dice.pick(app.conversations), user, backend, nowMs: world.wallMs(), dice });
  async function look(who: string, id: OperationId, ask: () => Promise<unknown>): Promise<void> {
    const answer = await ask().catch((error: unknown) => {
      if (!(error instanceof TalariaError) || FAULTS.has(error.code)) found.push({ rule: 'LIVE', text: `${who} asks ${id}: ${String(error)}` });
    });
    if (answer === undefined) return;
    const parsed = operations[id].output.safeParse(answer);
    if (!parsed.success) found.push({ rule: 'LIVE', text: `${who} asks ${id}, whose answer is not what the table says: ${parsed.error.message}` });
    const text = JSON.stringify(answer);
    for (const name of foreign) if (text.includes(name)) found.push({ rule: 'ISO1', text: `${who} asks ${id}, and is told of ${name}` });
  }
  for (const [id, input] of looks) {
    for (const device of app.devices) {
      const given = operations[id].user ? input(around(device.owner.user, false)) : undefined;
      if (given) await look(device.owner.name, id, () => device.ask(id, given));
    }
    const given = input(around(dice.pick([...app.users.values()]), true));
    if (given) await look(app.id, id, () => app.backend.ask(id, given));
  }
  return found;
}
