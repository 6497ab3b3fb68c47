import { describe, expect, it } from 'vitest';
import { ProtocolError } from '@talaria/protocol';
import { decide } from '../../src/domain/decide.js';
import { UnitOfWork, type RowLoader } from '../../src/storage/unit-of-work.js';
import { createTestIds } from '../storage/ids.js';
import type { Command } from '../../src/storage/command.js';

const ids = createTestIds(61);
const [app, user] = [ids.id('app'), ids.id('user')];

/** A database in which there is one user and nothing else. */
const empty: RowLoader = {
  commandKey: () => undefined, keysFloorMs: () => 0, stream: () => undefined, conversation: () => undefined, member: () => undefined, intervals: () => [], message: () => undefined,
  payload: () => undefined, messageAtOrBelow: () => undefined, ownMessageAbove: () => undefined, directConversation: () => undefined, user: (_, id) => (id === user ? { app, id, externalId: 'x', name: '', data: '{}', createdMs: 1, updatedMs: 1, tokensNotBeforeMs: 0, settings: '{}', deactivatedMs: null } : undefined),
  entry: () => undefined, entriesOfKey: () => [], entriesOfType: () => [],
};
const work = (loader: Partial<RowLoader> = {}): UnitOfWork =>
  new UnitOfWork({ ...empty, ...loader }, { now: () => 5, newEventId: () => ids.id('event'), newConversationId: () => ids.id('conversation'), lastPosition: 7 });
const create = (members: readonly string[]): Command => ({
  kind: 'conversation.create', app, actor: user, user, clientId: ids.clientId(), requestHash: '', traceId: null, conversationKind: 'group', name: '', avatarUrl: '', data: '{}', history: 'all', members,
});

describe('decide', () => {
  it('[ISO4] a refusal leaves the batch as it was', () => {
    const batch = work();
    expect(decide(batch, create([ids.id('user')]))).toMatchObject({ ok: false, refusal: { code: 'not_found' } });
    expect([batch.changes, batch.events.length, batch.keys.length]).toEqual([0, 0, 0]);
    const outcome = decide(batch, create([]));
    expect(outcome).toMatchObject({ ok: true, duplicate: false, place: { seq: 1, type: 'conversation.created' } });
    expect(batch.events.map((event) => event.position)).toEqual([8, 9, 10]);
    expect(outcome.ok && outcome.facts).toEqual(batch.events);
  });

  it('[ISO4] what is refused after it has changed something breaks the batch instead', () => {
    const broken = work({
      stream(_, stream) {
        if (stream === user) throw new ProtocolError('invalid_argument', 'staged');
        return undefined;
      },
    });
    expect(() => decide(broken, create([]))).toThrow('staged');
    expect(broken.changes).toBeGreaterThan(0);
  });
});
