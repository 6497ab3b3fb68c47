/** The whole table written out, so that a change to it shows here line by line. */
import { describe, expect, it } from 'vitest';
import { actions, may, outranks, rankOf, roles, type Action, type Membership, type Place, type Principal, type Role } from '../src/permissions.js';

const user: Principal = { kind: 'user', userId: 'u_06aqx7m4e5v2k8r0d1f3g5h7j8' };
const backend: Principal = { kind: 'backend', scopes: [] };
const group: Place = { kind: 'group' };
const direct: Place = { kind: 'direct' };
const channel: Place = { kind: 'channel' };

// Columns:                  owner  admin  moderator  member  reader  direct
const MATRIX: Readonly<Record<Action, readonly [number, number, number, number, number, number]>> = {
  'conversation.read':      [1,     1,     1,         1,      1,      1],
  'conversation.update':    [1,     1,     0,         0,      0,      0],
  'conversation.settings':  [1,     1,     0,         0,      0,      0],
  'conversation.timer':     [1,     1,     0,         0,      0,      1],
  'conversation.invite':    [1,     1,     0,         0,      0,      0],
  'conversation.transfer':  [1,     0,     0,         0,      0,      0],
  'member.add':             [1,     1,     0,         0,      0,      0],
  'member.approve':         [1,     1,     1,         0,      0,      0],
  'member.remove':          [1,     1,     1,         0,      0,      0],
  'member.leave':           [1,     1,     1,         1,      1,      0],
  'member.update':          [1,     1,     0,         0,      0,      0],
  'message.send':           [1,     1,     1,         1,      0,      1],
  'thread.reply':           [1,     1,     1,         1,      0,      1],
  'message.mention_all':    [1,     1,     1,         1,      0,      0],
  'message.edit_own':       [1,     1,     1,         1,      0,      1],
  'message.delete_own':     [1,     1,     1,         1,      0,      1],
  'message.delete_any':     [1,     1,     1,         0,      0,      0],
  'message.pin':            [1,     1,     1,         0,      0,      1],
  'message.react':          [1,     1,     1,         1,      1,      1],
  'message.unlimited':      [1,     1,     1,         0,      0,      0],
  'message.approve':        [1,     1,     1,         0,      0,      0],
  'poll.create':            [1,     1,     1,         1,      0,      1],
  'poll.vote':              [1,     1,     1,         1,      1,      1],
  'poll.close_any':         [1,     1,     1,         0,      0,      0],
  'mark.set':               [1,     1,     1,         1,      1,      1],
  'signal.send':            [1,     1,     1,         1,      0,      1],
  'call.start':             [1,     1,     1,         1,      0,      1],
  'call.join':              [1,     1,     1,         1,      1,      1],
  'call.end_any':           [1,     1,     1,         0,      0,      1],
};
const cells = actions.flatMap((action) => roles.map((role, column) => ({ action, role, allowed: MATRIX[action][column] === 1, alone: MATRIX[action][5] === 1 })));

describe('may', () => {
  it('has a row for every action and a column for every role', () => {
    expect(Object.keys(MATRIX).toSorted()).toEqual([...actions].toSorted());
    expect(roles).toEqual(['owner', 'admin', 'moderator', 'member', 'reader']);
  });

  it.each(cells)('[ISO4] in a group, $role, $action: $allowed', ({ action, role, allowed }) => {
    expect(may(user, action, { role, active: true }, group)).toBe(allowed);
  });

  it.each(cells)('[ISO4] in a channel, $role, $action: $allowed', ({ action, role, allowed }) => {
    expect(may(user, action, { role, active: true }, channel)).toBe(allowed);
  });

  describe('of a role that the conversation defines', () => {
    const custom = { press: { like: 'reader', may: ['message.send'] }, muted: { like: 'member', may_not: ['message.send', 'message.react'] } } as const;
    const at = (role: string, action: Action, place: Place = { kind: 'group', roles: custom }) => may(user, action, { role, active: true }, place);

    it.each(actions)('may what the role that it is like may, and more or less: %s', (action) => {
      expect(at('press', action)).toBe(action === 'message.send' || at('reader', action));
      expect(at('muted', action)).toBe(action !== 'message.send' && action !== 'message.react' && at('member', action));
    });

    it.each(actions)('is a reader where it is not defined any more, and has no say in a direct conversation: %s', (action) => {
      expect(at('press', action, { kind: 'group', roles: {} })).toBe(at('reader', action));
      expect(at('constructor', action, { kind: 'group', roles: {} })).toBe(at('reader', action));
      expect(at('muted', action, { kind: 'direct', roles: custom })).toBe(at('member', action, { kind: 'direct' }));
    });

    it('does not change what the roles of Talaria roles may', () => {
      expect(at('member', 'message.send', { kind: 'group', roles: { member: { like: 'reader', may_not: ['message.send'] } } })).toBe(true);
      expect([rankOf('press', custom), rankOf('muted', custom), rankOf('gone', custom), rankOf('owner', custom)]).toEqual(['reader', 'member', 'reader', 'owner']);
    });
  });

  it.each(cells)('in a direct conversation the role $role does not count, $action: $alone', ({ action, role, alone }) => {
    expect(may(user, action, { role, active: true }, direct)).toBe(alone);
  });

  it.each(cells)('[ISO2] a former $role still reads their interval and does nothing else: $action', ({ action, role }) => {
    const former: Membership = { role, active: false };
    for (const place of [group, direct]) expect(may(user, action, former, place)).toBe(action === 'conversation.read');
  });

  it.each(actions)('[ISO1] who was never a member may not: %s', (action) => {
    for (const place of [group, direct]) expect(may(user, action, undefined, place)).toBe(false);
  });

  it.each(actions)('a backend, whose key has been asked for its scope before, may: %s', (action) => {
    for (const place of [group, direct]) {
      expect(may(backend, action, undefined, place)).toBe(true);
      expect(may(backend, action, { role: 'reader', active: false }, place)).toBe(true);
    }
  });
});

describe('outranks', () => {
  // Rows act upon columns: owner, admin, moderator, member, reader.
  const RANKS: Readonly<Record<Role, readonly number[]>> = {
    owner:     [1, 1, 1, 1, 1],
    admin:     [0, 0, 1, 1, 1],
    moderator: [0, 0, 0, 1, 1],
    member:    [0, 0, 0, 0, 1],
    reader:    [0, 0, 0, 0, 0],
  };
  const pairs = roles.flatMap((actor) => roles.map((subject, column) => ({ actor, subject, expected: RANKS[actor][column] === 1 })));

  it.each(pairs)('$actor over $subject: $expected', ({ actor, subject, expected }) => {
    expect(outranks(actor, subject)).toBe(expected);
  });
});
