/**
 * The system with one thing wrong in it, made by wrapping its ports or functions. Each must be caught by the rule that it breaks:
 * that is what shows that the runs of the real system could have failed.
 */
import { createServerCodec, createClientCodec } from '@talaria/protocol/codec';
import { Ring, type Bus, type Command, type EntryRow, type EventRow, type MemoryStore, type Rules, type Storage, type UnitOfWork } from '@talaria/server/internals';
import type { Mutation } from './mutation.js';

const EVERYTHING = 1_000_000;

export interface Mutant {
  readonly name: string;
  /** Any of which may see it first. */
  readonly rules: readonly string[];
  /** How many it needs to show (default 1). */
  readonly nodes?: number;
  /** A new one for each run: some remember. */
  readonly make: () => Mutation;
}

export const mutants: readonly Mutant[] = [
  { name: 'skip the key lookup', rules: ['H2', 'H11'], make: () => ({ rules: ({ decide, decideMark }) => ({ decideMark, decide: (work, command) => decide(without(work, { commandKey: () => undefined, remember: () => undefined }), command) }) }) },
  {
    name: 'look the key up after authorisation', rules: ['H11'],
    make: () => ({
      rules: ({ decide, decideMark }) => ({
        decideMark,
        decide(work, command) {
          const allowed = command.user === null || !('conversation' in command) || work.member(command.app, command.conversation, command.user)?.active === true;
          return allowed ? decide(work, command) : { ok: false, refusal: { code: 'not_found', message: 'not a member' } };
        },
      }),
    }),
  },
  { name: 'announce before commit', rules: ['H3', 'H4'], make: announceBeforeCommit },
  { name: 'ack before commit', rules: ['H1'], make: ackBeforeCommit },
  { name: 'drop a resume', rules: ['H3', 'LIVE'], make: () => ({ storage: (storage) => ({ ...storage, facts: async (query) => nothingBehind(await storage.facts(query), query.viewer !== null && query.stream.startsWith('c_')) }) }) },
  { name: 'reorder the outbox', rules: ['H5'], make: () => ({ deviceStore: (store) => ({ ...store, load: async (table) => (table === 'outbox' ? swapped(await store.load(table)) : store.load(table)) }) }) },
  { name: 'forget an outbox write', rules: ['SND7'], make: () => ({ deviceStore: (store) => ({ ...store, write: (changes) => store.write(changes.filter(({ table, value }) => table !== 'outbox' || value === null)) }) }) },
  { name: 'forget a membership check', rules: ['H7'], make: () => ({ storage: (storage) => ({ ...storage, facts: (query) => storage.facts(query.stream.startsWith('c_') ? { ...query, viewer: null } : query) }) }) },
  { name: 'read, then subscribe', rules: ['ORD4', 'LIVE'], make: () => ({ nodeSocket: (socket, later) => ({ ...socket, join: (topic) => later(40, () => socket.join(topic)) }) }) },
  { name: "lose a heartbeat's heads", rules: ['LIVE'], make: loseHeads },
  { name: 'reuse a seq after a restore', rules: ['H1', 'H2', 'H3', 'H4', 'H6', 'LIVE'], make: () => ({ storage: (storage) => ({ ...storage, info: async () => ({ ...await storage.info(), epoch: 'the same' }) }) }) },
  { name: 'serve redacted text from a ring', rules: ['VIS4'], make: () => ({ install: () => replaced(Ring.prototype, 'redact', () => undefined) }) },
  { name: 'move a mark back', rules: ['H9', 'H10'], make: () => ({ rules: ({ decide, decideMark }) => ({ decide, decideMark: (work, update) => decideMark(unmoved(work), { ...update, readSeq: Math.max(0, update.readSeq - 2) }) }) }) },
  { name: 'count own messages as unread', rules: ['H10'], make: () => ({ storage: (storage) => ({ ...storage, inbox: async (...args) => { const page = await storage.inbox(...args); return { ...page, items: page.items.map((item) => ({ ...item, unread: item.unread + 1 })) }; } }) }) },
  { name: 'answer a repeat with another place', rules: ['H1', 'H11'], make: () => ({ storage: (storage) => ({ ...storage, async append(command, lane) { const outcome = await storage.append(command, lane); return outcome.ok && outcome.duplicate ? { ...outcome, place: { ...outcome.place, seq: outcome.place.seq + 1 } } : outcome; } }) }) },
  { name: 'show one app the text of another', rules: ['H8', 'H4'], make: crossApps },
  { name: 'send a scheduled message twice', rules: ['H2', 'SND2'], make: sendTwice },
  { name: 'give a held message a seq', rules: ['VIS3'], make: heldWithSeq },
  { name: 'forget that a message is to disappear', rules: ['VIS4'], make: () => ({ rules: whose('message.send', (work) => without(work, { putEntry: (row: EntryRow) => row.type === 'expiry' || work.putEntry(row) })) }) },
  { name: 'keep the text of what has disappeared', rules: ['VIS4'], make: () => ({ rules: whose('message.expire', (work) => without(work, { redact: () => undefined })) }) },
  { name: 'keep a draft that was replaced', rules: ['VIS4'], make: () => ({ rules: whose('draft.set', (work) => without(work, { redact: () => undefined })) }) },
  { name: 'count an expired message as unread', rules: ['H10'], make: () => ({ storage: (storage) => miscounting(storage, expiredIn) }) },
  { name: 'count a thread reply in its conversation', rules: ['H10'], make: () => ({ storage: (storage) => miscounting(storage, (facts) => facts.filter(isThreadOnly)) }) },
  { name: 'forget how far a thread was read', rules: ['H10'], make: () => ({ rules: whose('thread.read', (work) => without(work, { putEntry: () => undefined })) }) },
  { name: 'fold forgets a fact type', rules: ['ORD5'], make: () => ({ forgetsFact: (type) => type === 'reaction.removed' || type === 'poll.voted' }) },
  { name: 'forget whose reaction it was', rules: ['ORD5'], make: () => ({ rules: whose('reaction.set', (work) => without(work, { putEntry: () => undefined })) }) },
  { name: 'show what a user has hidden', rules: ['ORD5'], make: () => ({ rules: whose('message.hide', (work) => without(work, { putEntry: () => undefined })) }) },
  { name: 'let somebody in twice', rules: ['ORD5'], make: letInTwice },
  { name: 'never turn a held message away', rules: ['LIVE'], make: () => ({ rules: whose('held.decide', (work, command) => (command.clientId.startsWith('due ') ? without(work, { removeEntry: () => undefined }) : work)) }) },
  { name: 'trust the bus alone', rules: ['LIVE'], nodes: 3, make: () => ({ storage: deaf }) },
  { name: 'forget what was said while away', rules: ['LIVE'], nodes: 3, make: () => ({ storage: deaf, bus: (bus) => ({ ...bus, listen: (handler) => bus.listen((message) => message.kind !== 'unsure' && handler(message)) }) }) },
  { name: 'look for what is new behind the highest id', rules: ['CLU3', 'LIVE', 'H3', 'H4'], nodes: 3, make: () => ({ looseHorizon: true }) },
  { name: 'write with a lease that was lost', rules: ['CLU3'], nodes: 3, make: staleLease },
];

/** The same unit of work with other answers to some questions. */
function without(work: UnitOfWork, answers: Readonly<Record<string, unknown>>): UnitOfWork {
  return new Proxy(work, {
    get(target, name) {
      if (typeof name === 'string' && Object.hasOwn(answers, name)) return answers[name];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
}

type Decide = Rules['decide'];

/** The rules with another unit of work under one kind of command. */
function whose(kind: Command['kind'], change: (work: UnitOfWork, command: Command) => UnitOfWork): (rules: Rules) => Rules {
  return ({ decide, decideMark }) => ({ decideMark, decide: (work, command) => decide(command.kind === kind ? change(work, command) : work, command) });
}

const deciding = (change: (decide: Decide) => Decide): Mutation => ({ rules: ({ decide, decideMark }) => ({ decideMark, decide: change(decide) }) });

/** The entry of a scheduled message stays once, and the second release is no repeat of the first. */
function sendTwice(): Mutation {
  let releases = 0;
  return deciding((decide) => (work, command) => {
    if (command.kind !== 'schedule.release') return decide(work, command);
    releases += 1;
    const again = { ...command, clientId: `${command.clientId} ${releases}` };
    return decide(releases % 2 === 1 ? without(work, { removeEntry: () => undefined }) : work, again);
  });
}

/** What waits for approval stands in its conversation already. */
function heldWithSeq(): Mutation {
  return deciding((decide) => (work, command) => {
    const outcome = decide(work, command);
    if (!outcome.ok || outcome.duplicate || outcome.place.type !== 'message.held' || command.kind !== 'message.send') return outcome;
    const { ordinal } = work.stream(command.app, command.conversation);
    const event = work.append(command, { stream: command.conversation, type: 'message.created', ordinals: { ordinal, senderOrdinal: 0 }, countable: false, payload: command.payload });
    return { ...outcome, facts: [...outcome.facts, event] };
  });
}

/** Whether somebody is in already is not looked at. */
function letInTwice(): Mutation {
  return {
    rules: whose('member.add', (work, command) => without(work, {
      member(app: string, conversation: string, user: string) {
        const member = work.member(app, conversation, user);
        if (member && user !== command.user) member.active = false;
        return member;
      },
    })),
  };
}

/** An inbox that counts more: messages of others behind the mark that do not count. */
function miscounting(storage: Storage, which: (facts: readonly EventRow[]) => readonly EventRow[]): Storage {
  return {
    ...storage,
    async inbox(app, user, ...rest) {
      const page = await storage.inbox(app, user, ...rest);
      const items = await Promise.all(page.items.map(async (item) => {
        const facts = (await storage.facts({ app, stream: item.conversation.id, viewer: null, afterSeq: 0, limit: EVERYTHING }))?.facts ?? [];
        const more = which(facts).filter(({ seq, actor }) => seq > (item.member?.readSeq ?? 0) && actor !== user).length;
        return { ...item, unread: item.unread + more };
      }));
      return { ...page, items };
    },
  };
}

function expiredIn(facts: readonly EventRow[]): readonly EventRow[] {
  const gone = new Set(facts.filter(({ type }) => type === 'message.expired').map(({ targetSeq }) => targetSeq));
  return facts.filter(({ type, seq, payload }) => type === 'message.created' && gone.has(seq) && !payload.includes('thread_seq'));
}

const isThreadOnly = ({ type, payload }: EventRow): boolean => type === 'message.created' && payload.includes('thread_seq') && !payload.includes('in_main') && !payload.includes('"silent":true');

/** Members as if they had read nothing: whatever comes is taken. */
function unmoved(work: UnitOfWork): UnitOfWork {
  return without(work, {
    member: (app: string, conversation: string, user: string) => {
      const member = work.member(app, conversation, user);
      if (member) Object.assign(member, { readSeq: 0, readOrdinal: 0, readSenderOrdinal: 0 });
      return member;
    },
  });
}

/** Never looks into the log for what was not announced. */
function deaf(storage: Storage): Storage {
  return { ...storage, moved: () => Promise.resolve({ places: [], settled: null, next: null }) };
}

/** Every node takes the consumer's lease whenever it likes, and nobody looks whose writes come. */
function staleLease(): Mutation {
  let fence = 0;
  return {
    storage: (storage) => ({
      ...storage,
      async lease(name, owner, _nowMs, ttlMs) {
        const lease = await storage.lease(name, owner, Number.MAX_SAFE_INTEGER / 2, ttlMs - Number.MAX_SAFE_INTEGER / 2);
        if (lease) ({ fence } = lease);
        return lease;
      },
      commitProgress: (lease, position, deltas) => storage.commitProgress({ ...lease, fence }, position, deltas),
    }),
  };
}

/** Every twentieth command breaks between its announcement and its commit. */
function announceBeforeCommit(): Mutation {
  let bus: Bus | undefined;
  let count = 0;
  return {
    bus: (real) => (bus = real),
    rules: ({ decide, decideMark }) => ({
      decideMark,
      decide(work, command) {
        const outcome = decide(work, command);
        if (!outcome.ok || outcome.duplicate) return outcome;
        bus?.publish({ kind: 'facts', facts: outcome.facts });
        count += 1;
        if (count % 20 === 0) throw new Error('the commit fails');
        return outcome;
      },
    }),
  };
}

/** What was committed last is not there after a crash. */
function ackBeforeCommit(): Mutation {
  let before: MemoryStore | undefined;
  return {
    committing: (disk) => {
      before = disk.store.copy(disk.store.calls.info().epoch);
    },
    crashed: (disk) => {
      if (before) disk.store = before;
    },
  };
}

function nothingBehind<Page extends { readonly facts: readonly unknown[]; readonly endSeq: number; readonly endEventId: string } | null>(page: Page, drop: boolean): Page {
  return page && drop ? { ...page, facts: [], toSeq: page.endSeq } : page;
}

function swapped<T>(rows: readonly T[]): readonly T[] {
  return rows.toReversed();
}

/** Heads are told once, at hello, and never again. */
function loseHeads(): Mutation {
  const [server, client] = [createServerCodec(), createClientCodec()];
  return {
    down(bytes) {
      const frame = client.decodeDown(bytes);
      if (frame.frame === 'ping' && frame.ping.heads.length > 0) return server.encodeDown({ ping: { ...frame.ping, heads: [] } }).slice();
      // Hello's answer names the user's own stream; what comes later does not.
      return frame.frame === 'heads' && !frame.heads.heads.some(({ stream }) => stream.startsWith('u_')) ? null : bytes;
    },
  };
}

function crossApps(): Mutation {
  const last = new Map<string, EventRow>();
  return {
    storage: (storage): Storage => ({
      ...storage,
      async facts(query) {
        const page = await storage.facts(query);
        const other = [...last].find(([app]) => app !== query.app)?.[1];
        for (const fact of page?.facts ?? []) if (fact.type === 'message.created' && fact.payload.includes('only for')) last.set(query.app, fact);
        if (!page || !other) return page;
        return { ...page, facts: page.facts.map((fact) => (fact.type === 'message.created' && !fact.redacted ? { ...fact, payload: other.payload } : fact)) };
      },
    }),
  };
}

function replaced<T extends object, Name extends keyof T>(target: T, name: Name, value: T[Name]): () => void {
  const before = target[name];
  target[name] = value;
  return () => {
    target[name] = before;
  };
}
