import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../../src/storage/command.js';
import type { MessageRecord } from '../../../src/storage/rows.js';
import { fold, type Folded, type FoldedMessage } from '../fold.js';
import type { OpenHarness } from '../harness.js';
import type { World } from '../world.js';
import { useStage } from './stage.js';

/** A step names its actor, its subject and a message by number; what the rules refuse is part of the game. */
interface Step {
  readonly kind: 'send' | 'silent' | 'system' | 'edit' | 'delete' | 'rename' | 'add' | 'remove' | 'role' | 'leave';
  readonly actor: number;
  readonly subject: number;
  readonly which: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('send', 'send', 'send', 'silent', 'system', 'edit', 'edit', 'delete', 'rename', 'add', 'remove', 'role', 'leave'),
  actor: fc.integer({ min: 0, max: 4 }), subject: fc.integer({ min: 0, max: 4 }), which: fc.integer({ min: 0, max: 30 }),
});
const ROLES = ['admin', 'moderator', 'member', 'reader'] as const;

/** @param users the fifth actor is the backend @param seqs the messages so far, some of which another may have sent */
function commandOf(world: World, conversation: string, users: readonly string[], seqs: readonly number[], one: Step): Command {
  const user = users[one.actor] ?? null;
  const seq = seqs[one.which % Math.max(1, seqs.length)] ?? one.which;
  const member = users[one.subject] ?? users[0]!;
  const base = { user, conversation };
  switch (one.kind) {
    case 'send': return world.message({ ...base, text: `text ${one.which}`, data: one.which % 2 ? '{"n":1}' : '', silent: false });
    case 'silent': return world.message({ ...base, text: 'silent', data: '', silent: true });
    case 'system': return world.message({ ...base, user: null, text: 'system' });
    case 'edit': return world.command('message.edit', { ...base, seq, text: one.subject % 2 ? 'edited' : null, data: one.subject % 2 ? null : '{"e":2}' });
    case 'delete': return world.command('message.delete', { ...base, seq });
    case 'rename': return world.command('conversation.update', { ...base, name: `name ${one.which}`, data: `{"n":${one.which}}`, history: one.which % 2 ? 'all' : null });
    case 'add': return world.command('member.add', { ...base, members: [member], role: ROLES[one.which % 4]! });
    case 'remove': return world.command('member.remove', { ...base, member });
    case 'role': return world.command('member.update', { ...base, member, role: ROLES[one.which % 4]! });
    case 'leave': return world.command('member.remove', { user: member, conversation, member });
  }
}

function bodyOf(record: MessageRecord): FoldedMessage['body'] {
  if (record.deletedMs !== null) return undefined;
  const { text = '', data = '', silent = false, system = false } = JSON.parse(record.payload) as Partial<NonNullable<FoldedMessage['body']>>;
  return { text, data, silent, system };
}

/** The state as the tables have it, in the shape of a fold. */
async function readTables(world: World, conversation: string, users: readonly string[]): Promise<Folded> {
  const record = (await world.storage.conversation(world.app, null, conversation))!;
  const page = await world.storage.messages({ app: world.app, conversation, viewer: null, anchor: { kind: 'newest' }, limit: 1_000 });
  const members: Folded['members'] = new Map();
  for (const user of users) {
    const row = (await world.storage.conversation(world.app, user, conversation))?.member;
    if (row) members.set(user, { role: row.role, active: row.active, joinedSeq: row.joinedSeq, leftSeq: row.leftSeq });
  }
  const { kind, name, data, history } = record.conversation;
  expect(record.conversation.memberCount).toBe([...members.values()].filter((row) => row.active).length);
  const listed = await world.storage.members(world.app, null, conversation, 100, null);
  expect(listed?.items.map((row) => row.user)).toEqual([...members].filter(([, row]) => row.active).map(([user]) => user).sort());
  const messages = page!.items.map((item): FoldedMessage => ({
    seq: item.seq, sender: item.sender, createdMs: item.createdMs, clientId: item.clientId, ordinal: item.ordinal, senderOrdinal: item.senderOrdinal,
    changedSeq: item.changedSeq, editedMs: item.editedMs, deletedMs: item.deletedMs, body: bodyOf(item),
  }));
  return { kind, name, data: JSON.parse(data), history, headSeq: record.stream.headSeq, members, messages: new Map(messages.map((one) => [one.seq, one])) };
}

/** What redaction leaves of a state: all but the texts. */
function withoutBodies(state: Folded): unknown {
  return { ...state, messages: [...state.messages.values()].map((message) => ({ ...message, body: undefined })) };
}

/** ORD5: facts and tables tell the same. */
export function foldingContract(open: OpenHarness): void {
  describe('folding', () => {
    const stage = useStage(open);

    it('[ORD5] gives what the tables give, after every command and from every prefix', async () => {
      let appended = 0;
      await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30, size: 'max' }), async (steps) => {
        const world = stage.world();
        const users = await world.users(4);
        const conversation = await world.group(users[0]!, users.slice(1, 3));
        const snapshots: Folded[] = [];
        const seqs: number[] = [];
        for (const one of steps) {
          const outcome = await world.append(commandOf(world, conversation, users, seqs, one));
          if (!outcome.ok) continue;
          appended += 1;
          if (outcome.place.type === 'message.created') seqs.push(outcome.place.seq);
          const tables = await readTables(world, conversation, users);
          const folded = fold(await world.facts(conversation, null, 17));
          expect(folded).toEqual(tables);
          snapshots.push(tables);
        }
        const facts = await world.facts(conversation, null);
        for (const snapshot of snapshots) {
          expect(withoutBodies(fold(facts.slice(0, snapshot.headSeq)))).toEqual(withoutBodies(snapshot));
        }
      }), { numRuns: 40, seed: 5 });
      expect(appended).toBeGreaterThan(200);
    });

    it('[ORD5] does so when the commands share their batches', async () => {
      await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), async (steps) => {
        const world = stage.world();
        const users = await world.users(4);
        const conversation = await world.group(users[0]!, users.slice(1, 3));
        // The first messages get these seqs, if nothing else comes between; what misses is refused.
        const seqs = [5, 6, 7, 8, 9, 10];
        await Promise.all(steps.map((one) => world.append(commandOf(world, conversation, users, seqs, one))));
        expect(fold(await world.facts(conversation, null))).toEqual(await readTables(world, conversation, users));
      }), { numRuns: 40, seed: 6 });
    });
  });
}
