/** [ISO4] Each action of the permission table as each role does it, through the rules that decide commands. */
import { actions, may, roles, type Action, type Place, type Role } from '@talaria/protocol';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../src/storage/command.js';
import { serveMemory } from '../../src/storage/memory/driver.js';
import { stagedMemoryStore } from '../storage/memory-harness.js';
import { createWorld, refusedWith, type World } from '../storage/world.js';

interface Scene {
  readonly world: World;
  readonly conversation: string;
  /** Who acts. */
  readonly user: string;
  readonly owner: string;
  readonly reader: string;
  readonly stranger: string;
  /** Who has asked in the poll. */
  readonly asker: string;
  /** Messages of the owner and of who acts. */
  readonly message: number;
  readonly own: number;
  readonly poll: number;
  /** A call that somebody else has started; 0 when none is on. */
  call: number;
}

type CommandOf = (scene: Scene) => Command;
const CALL = { callKind: 'audio', device: 'd', data: '{}', ringMs: 1_000, notAfterMs: null };
const POLL = { question: '?', options: [{ id: '1', text: 'a' }, { id: '2', text: 'b' }] };

/** Who does what for each action. Signals are no commands: the gateway asks the same table for them. */
const COMMANDS: Record<Exclude<Action, 'conversation.read' | 'signal.send'>, CommandOf> = {
  'conversation.update': ({ world, user, conversation }) => world.command('conversation.update', { user, conversation, name: 'x', data: null, history: null }),
  'conversation.settings': ({ world, user, conversation }) => world.command('conversation.settings', { user, conversation, change: { slow_mode_s: 0 } }),
  'conversation.timer': ({ world, user, conversation }) => world.command('conversation.settings', { user, conversation, change: { message_timer: { after: 'sent', seconds: 60 } } }),
  'conversation.invite': ({ world, user, conversation }) => world.command('link.create', { user, conversation, role: 'reader', expiresMs: null, usesMax: null, approval: false }),
  'conversation.transfer': ({ world, user, conversation, reader }) => world.command('conversation.transfer', { user, conversation, member: reader }),
  'member.add': ({ world, user, conversation, stranger }) => world.command('member.add', { user, conversation, members: [stranger], role: 'reader' }),
  'member.approve': ({ world, user, conversation, stranger }) => world.command('join.decide', { user, conversation, member: stranger, accept: false }),
  'member.remove': ({ world, user, conversation, reader }) => world.command('member.remove', { user, conversation, member: reader }),
  'member.leave': ({ world, user, conversation }) => world.command('member.remove', { user, conversation, member: user }),
  'member.update': ({ world, user, conversation, reader }) => world.command('member.update', { user, conversation, member: reader, role: 'reader' }),
  'message.send': ({ world, user, conversation }) => world.message({ user, conversation, text: 'x' }),
  'thread.reply': ({ world, user, conversation, message }) => world.message({ user, conversation, text: 'x', more: { thread_seq: message } }),
  'message.mention_all': ({ world, user, conversation }) => world.message({ user, conversation, text: 'x', more: { mentions: { everyone: true } } }),
  'message.edit_own': ({ world, user, conversation, own }) => world.command('message.edit', { user, conversation, seq: own, text: 'x', data: null }),
  'message.delete_own': ({ world, user, conversation, own }) => world.command('message.delete', { user, conversation, seq: own }),
  'message.delete_any': ({ world, user, conversation, reader, message, poll }) => world.command('message.delete', { user, conversation, seq: user === reader ? message : poll }),
  'message.pin': ({ world, user, conversation, message }) => world.command('pin.set', { user, conversation, seq: message, on: true }),
  'message.react': ({ world, user, conversation, message }) => world.command('reaction.set', { user, conversation, seq: message, reaction: 'x', on: true }),
  'message.unlimited': ({ world, user, conversation, message }) => world.command('reaction.set', { user, conversation, seq: message, reaction: 'x', on: true }),
  'message.approve': ({ world, user, conversation, owner }) => world.command('held.decide', { user, conversation, sender: owner, heldSeq: 1, approve: true, reason: '', followers: [] }),
  'poll.create': ({ world, user, conversation }) => world.message({ user, conversation, text: '', more: { poll: POLL } }),
  'poll.vote': ({ world, user, conversation, poll }) => world.command('poll.vote', { user, conversation, seq: poll, options: ['1'] }),
  'poll.close_any': ({ world, user, conversation, poll }) => world.command('poll.close', { user, conversation, seq: poll }),
  'call.start': ({ world, user, conversation }) => world.command('call.start', { user, conversation, ...CALL }),
  'call.join': ({ world, user, conversation, call }) => world.command('call.answer', { user, conversation, callSeq: call, device: 'd' }),
  'call.end_any': ({ world, user, conversation, call }) => world.command('call.end', { user, conversation, callSeq: call, failed: false }),
  'mark.set': ({ world, user, conversation, message }) => world.command('conversation.mark_unread', { user, conversation, fromSeq: message }),
};

/** Refusals of what is allowed: the scene has nothing that waits. */
const ALLOWED_ALL_THE_SAME: Partial<Record<Action, string>> = { 'message.approve': 'not_found' };

let seeds = 3_000;
const newWorld = (): World => createWorld(serveMemory(stagedMemoryStore()), seeds += 1);

async function groupWith(role: Role | 'press'): Promise<Scene> {
  const world = newWorld();
  const [owner, other, reader, stranger] = await world.users(4) as [string, string, string, string];
  const conversation = await world.group(owner, []);
  await world.done(world.command('conversation.settings', { user: owner, conversation, change: { roles: { press: { like: 'reader', may: ['message.send', 'message.pin'], may_not: ['message.react'] } }, join: 'on_request' } }));
  const user = role === 'owner' ? owner : other;
  if (role !== 'owner') await world.done(world.command('member.add', { user: owner, conversation, members: [other], role: 'member' }));
  await world.done(world.command('member.add', { user: owner, conversation, members: [reader], role: 'reader' }));
  await world.done(world.command('join.request', { user: stranger, conversation, text: '' }));
  const message = await world.say(conversation, owner, 'of the owner');
  const own = await world.say(conversation, user, 'own');
  // Somebody else's, whoever acts.
  const asker = role === 'owner' ? other : owner;
  if (role === 'owner') await world.done(world.command('member.add', { user: owner, conversation, members: [other], role: 'member' }));
  const { seq: poll } = await world.done(world.message({ user: asker, conversation, text: '', more: { poll: POLL } }));
  if (role !== 'owner') await world.done(world.command('member.update', { user: owner, conversation, member: other, role }));
  return { world, conversation, user, owner, reader, stranger, asker, message, own, poll, call: 0 };
}

async function directScene(): Promise<Scene> {
  const world = newWorld();
  const [owner, user, reader, stranger] = await world.users(4) as [string, string, string, string];
  const { stream: conversation } = await world.done(world.command('conversation.create', { user: owner, conversationKind: 'direct', name: '', data: '{}', history: 'all', members: [user] }));
  const message = await world.say(conversation, owner, 'of the other');
  const own = await world.say(conversation, user, 'own');
  const { seq: poll } = await world.done(world.message({ user: owner, conversation, text: '', more: { poll: POLL } }));
  return { world, conversation, user, owner, reader, stranger, asker: owner, message, own, poll, call: 0 };
}

/** By somebody else than who acts. */
async function callOf({ world, conversation, user, owner, asker }: Scene): Promise<number> {
  return (await world.done(world.command('call.start', { user: user === owner ? asker : owner, conversation, ...CALL }))).seq;
}

async function tried(scene: Scene, action: keyof typeof COMMANDS): Promise<boolean> {
  if (action === 'message.unlimited') await scene.world.done(scene.world.command('conversation.settings', { user: null, conversation: scene.conversation, change: { frozen: true } }));
  if (action === 'call.join' || action === 'call.end_any') scene.call = await callOf(scene);
  const code = refusedWith(await scene.world.append(COMMANDS[action](scene)));
  return code === undefined || (code !== 'forbidden' && code === ALLOWED_ALL_THE_SAME[action]);
}

const cases = Object.keys(COMMANDS) as (keyof typeof COMMANDS)[];
const principal = { kind: 'user', userId: 'u' } as const;

describe.each([...roles, 'press'] as const)('%s', (role) => {
  it.each(cases)('[ISO4] %s is done or refused as the table says', async (action) => {
    const scene = await groupWith(role);
    const place: Place = { kind: 'group', roles: { press: { like: 'reader', may: ['message.send', 'message.pin'], may_not: ['message.react'] } } };
    const allowed = (one: Action): boolean => may(principal, one, { role, active: true }, place);
    // What is mentioned, asked or written without limits is also sent, or reacted.
    const needs: Partial<Record<Action, Action>> = { 'message.mention_all': 'message.send', 'poll.create': 'message.send', 'message.unlimited': 'message.react' };
    const expected = allowed(action) && allowed(needs[action] ?? action);
    expect(await tried(scene, action)).toBe(expected);
  });
});

/** Of a direct conversation that cannot be otherwise, whatever one may. */
const NEVER_DIRECT: ReadonlySet<Action> = new Set(['message.unlimited']);

describe('one side of a direct conversation', () => {
  it.each(cases.filter((action) => !NEVER_DIRECT.has(action)))('[ISO4] %s is done or refused as the table says', async (action) => {
    expect(await tried(await directScene(), action)).toBe(may(principal, action, { role: 'member', active: true }, { kind: 'direct' }));
  });
});

it('every action of the table is tried here, or is no command', () => {
  const others: readonly Action[] = ['conversation.read', 'signal.send'];
  expect([...cases, ...others].toSorted()).toEqual([...actions].toSorted());
});
