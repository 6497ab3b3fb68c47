/** What people and backends do all day, until the run's day is over. */
import { messageId } from '@talaria/protocol';
import { backendDeeds, conversationOf, isForSomebody, nextDecision, nextDeed, notedAs, userDeeds, type Around } from './deeds.js';
import type { Device } from './device.js';
import type { Dice } from './dice.js';
import { canaryText, type AppStage } from './stage.js';
import type { World } from './world.js';

/** Everybody acts until `world.over`. @returns when all of them have done what they began */
export async function everyday(world: World): Promise<void> {
  const { stage, dice } = world;
  const lives = [stage.main, stage.other].flatMap((app) => [
    ...app.devices.map((device) => use(world, app, device, dice.named(`use ${device.owner.name}`))),
    administer(world, app, dice.named(`administer ${app.id}`)),
  ]);
  await Promise.all(lives);
}

async function use(world: World, app: AppStage, device: Device, dice: Dice): Promise<void> {
  const { scheduler } = world;
  // Some talk all the time, some hardly ever.
  const pause_ms = dice.between(60, 900);
  for (let count = 0; !world.over; count += 1) {
    await scheduler.sleep(dice.between(0, 2 * pause_ms), `${device.owner.name} acts`);
    if (!device.up || world.over) continue;
    const conversation = dice.pick(app.conversations);
    const roll = dice.fraction();
    if (roll < 0.5) device.say(conversation, dice.chance(0.05) ? canaryText(app.id) : `${device.owner.name} says ${count}`);
    else if (roll < 0.8) {
      const deed = nextDeed(userDeeds, around(world, app, { conversation, user: device.owner.user, backend: false }, dice));
      if (deed) device.command(deed.id, deed.input);
    } else if (roll < 0.9) device.sdk.conversations.open(conversation).markRead(device.reachedIn(conversation) ?? 0);
    else if (roll < 0.95) device.sdk.conversations.open(conversation).typing();
    else device.wakeUp();
  }
}

async function administer(world: World, app: AppStage, dice: Dice): Promise<void> {
  const { scheduler } = world;
  while (!world.over) {
    await scheduler.sleep(dice.between(100, 1_600), `backend of ${app.id} acts`);
    if (!world.over) await (dice.chance(0.5) ? act(world, app, dice) : useAll(world, app, dice));
  }
}

function around({ disk, wallMs }: World, app: AppStage, { conversation, user, backend }: Pick<Around, 'conversation' | 'user' | 'backend'>, dice: Dice): Around {
  return { app, store: disk.store, conversation, user, backend, nowMs: wallMs(), dice };
}

/** Anything that the table offers, for somebody or for the app itself. */
async function useAll(world: World, app: AppStage, dice: Dice): Promise<void> {
  const user = dice.pick([...app.users.values()]);
  const here = around(world, app, { conversation: dice.pick(app.conversations), user, backend: true }, dice);
  const deed = (dice.chance(0.3) ? nextDecision(here) : undefined) ?? nextDeed(backendDeeds, here);
  if (!deed) return;
  const { id, input } = deed;
  await app.backend.command(id, isForSomebody(id, dice) ? { as_user_id: user, ...input } : input, { op: notedAs(id), stream: conversationOf(input) });
}

async function act(world: World, { backend, conversations, users, id }: AppStage, dice: Dice): Promise<void> {
  const stream = dice.pick(conversations);
  const user = dice.pick([...users.values()]);
  const seq = 1 + dice.below(world.disk.store.calls.head(id, stream)?.headSeq ?? 1);
  const roll = dice.fraction();
  if (roll < 0.25) {
    const text = `backend says ${dice.below(1_000_000)}`;
    await backend.command('messages.send', { conversation_id: stream, text, ...(dice.chance(0.5) ? { as_user_id: user } : {}) }, { op: 'message.send', stream, text });
  } else if (roll < 0.45) {
    await backend.command('members.remove', { conversation_id: stream, user_id: user }, { op: 'member.remove', stream });
  } else if (roll < 0.7) {
    await backend.command('members.add', { conversation_id: stream, member_ids: [user] }, { op: 'member.add', stream });
  } else if (roll < 0.82) {
    const era = world.chronicle.era;
    const done = await backend.command('messages.delete', { message_id: messageId(stream, seq) }, { op: 'message.delete', stream });
    if (done && world.chronicle.era === era) world.watch.gone(stream, seq, world.scheduler.nowMs);
  } else if (roll < 0.9) {
    await backend.command('messages.edit', { message_id: messageId(stream, seq), text: `edited ${dice.below(1_000_000)}` }, { op: 'message.edit', stream });
  } else if (roll < 0.95) {
    await backend.command('conversations.update', { conversation_id: stream, history: dice.pick(['all', 'from_join']) }, { op: 'conversation.update', stream });
  } else await backend.ask('auth.revoke', { user_id: user });
}
