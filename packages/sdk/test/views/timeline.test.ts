/** What a timeline shows is what HTTP gives, whatever happens meanwhile. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Client } from '../../src/client.js';
import type { MessageView } from '../../src/state/index.js';
import { memoryStore } from '../../src/store/memory.js';
import { views, type Timeline, type TimelineState } from '../../src/views/index.js';
import { setStage, until, type Stage } from '../client/stage.js';
import { shows, watchTimeline } from './watch.js';

let stage: Stage;
let alice: Client;
let bob: Client;
beforeAll(async () => {
  stage = await setStage();
  [alice, bob] = [stage.client('alice'), stage.client('bob')];
  await Promise.all([alice.ready(), bob.ready()]);
});
afterAll(() => stage.stop());

const texts = ({ entries }: TimelineState): string[] => entries.map(({ message }) => message.text);
const ready = (timeline: Timeline): Promise<TimelineState> => shows(timeline, ({ loading }) => loading === false);

async function group(): Promise<string> {
  return (await alice.conversations.create({ members: ['ext:bob'], history: 'all' })).id;
}

async function say(client: Client, id: string, count: number, from = 1): Promise<void> {
  const conversation = client.conversations.open(id);
  await Promise.all(Array.from({ length: count }, (_, at) => conversation.send(`${from + at}`).sent));
}

/** What HTTP gives of the part that a timeline shows. */
async function read(client: Client, id: string, { entries, hasOlder, hasNewer }: TimelineState, thread_id?: string): Promise<readonly MessageView[]> {
  const first = hasOlder ? entries[0]?.message.seq ?? 1 : 1;
  const last = hasNewer ? entries.at(-1)?.message.seq ?? 0 : Number.MAX_SAFE_INTEGER;
  const { items } = await client.call('messages.list', { conversation_id: id, after_seq: first - 1, limit: 200, ...(thread_id !== undefined && { thread_id }) });
  return items.filter(({ seq }) => seq <= last);
}

it('[ORD1] pages both ways, jumps, and keeps no more than it may', async () => {
  const id = await group();
  await say(alice, id, 60);
  const timeline = views(bob).timeline(id, { page: 10, max: 30 });
  const watch = watchTimeline(timeline);
  expect(timeline.get()).toMatchObject({ entries: [], loading: 'first', hasOlder: false, hasNewer: false });
  expect(texts(await ready(timeline))).toEqual(Array.from({ length: 10 }, (_, at) => `${51 + at}`));
  // Twice at once is once.
  await Promise.all([timeline.loadOlder(), timeline.loadOlder()]);
  expect(texts(timeline.get())[0]).toBe('41');
  for (let page = 0; page < 3; page += 1) await timeline.loadOlder();
  expect(timeline.get()).toMatchObject({ hasOlder: true, hasNewer: true });
  expect(texts(timeline.get())).toEqual(Array.from({ length: 30 }, (_, at) => `${11 + at}`));
  // What is new belongs to a part that is not shown.
  await say(alice, id, 1, 61);
  await timeline.loadNewer();
  expect(texts(timeline.get()).at(-1)).toBe('50');
  await timeline.jumpToLatest();
  expect(texts(timeline.get()).at(-1)).toBe('61');
  const middle = timeline.get().entries[0]!.message.seq - 20;
  await timeline.around(middle);
  expect(timeline.get().entries.some(({ message }) => message.seq === middle)).toBe(true);
  expect(timeline.get()).toMatchObject({ hasOlder: true, hasNewer: true, loading: false, error: undefined });
  expect(watch).toMatchObject({ problems: [] });
  timeline.close();
});

it('[SND2,ORD6] an own message keeps its line from the moment in which it is sent', async () => {
  const id = await group();
  const timeline = views(alice).timeline(id);
  const watch = watchTimeline(timeline);
  await ready(timeline);
  stage.proxy.hold();
  const sent = [timeline.send('one'), timeline.send({ text: 'two', data: { n: 2 } })];
  const waiting = await shows(timeline, ({ entries }) => entries.length === 2);
  expect(waiting.entries).toMatchObject([{ key: sent[0]!.key, status: 'sending', message: { text: 'one', id: '', seq: 0, sender_id: alice.userId } }, { key: sent[1]!.key, status: 'sending', message: { data: { n: 2 } } }]);
  stage.proxy.cut();
  stage.proxy.release();
  const results = await Promise.all(sent.map((one) => one.sent));
  const done = await shows(timeline, ({ entries }) => entries.every(({ status, message }) => status === 'sent' && message.seq > 0));
  expect(done.entries.map(({ key, message }) => [key, message.id])).toEqual(results.map((result, at) => [sent[at]!.key, result.id]));
  expect(done.entries.map(({ message }) => message)).toEqual(await read(alice, id, done));
  expect(watch.problems).toEqual([]);
  timeline.close();
});

it('[SND6] a refused message stays to be sent again, or to be thrown away', async () => {
  const id = await group();
  await alice.command('conversations.settings', { conversation_id: id, frozen: true });
  const timeline = views(bob).timeline(id);
  await ready(timeline);
  const [first, second] = [timeline.send('first'), timeline.send('second')];
  await expect(first.sent).rejects.toMatchObject({ code: 'frozen' });
  const failed = await shows(timeline, ({ entries }) => entries.length === 2 && entries.every(({ status }) => status === 'failed'));
  expect(failed.entries).toMatchObject([{ key: first.key, error: { code: 'frozen' } }, { key: second.key, error: { code: 'frozen' } }]);
  // Another view finds them, too, and why.
  const other = views(bob).timeline(id);
  expect((await shows(other, ({ entries }) => entries.every(({ status }) => status === 'failed') && entries.length === 2)).entries[0]).toMatchObject({ key: first.key, error: { code: 'frozen' } });
  await alice.command('conversations.settings', { conversation_id: id, frozen: false });
  expect(timeline.resend(first)).toBe(true);
  const again = await shows(timeline, ({ entries }) => entries.some(({ key, status, message }) => key === first.key && status === 'sent' && message.seq > 0));
  expect(again.entries.map(({ key }) => key)).toEqual([first.key, second.key]);
  expect(await timeline.discard(second)).toBe(true);
  for (const view of [timeline, other]) expect((await shows(view, ({ entries }) => entries.length === 1)).entries).toMatchObject([{ key: first.key, status: 'sent' }]);
  expect(timeline.resend(second)).toBe(false);
  // What is too large was never in the outbox, and is shown all the same.
  const large = timeline.send('x'.repeat(70_000));
  await expect(large.sent).rejects.toMatchObject({ code: 'too_large' });
  expect((await shows(timeline, ({ entries }) => entries.length === 2)).entries[1]).toMatchObject({ key: large.key, status: 'failed', error: { code: 'too_large' } });
  expect(await timeline.discard(large)).toBe(true);
  for (const view of [timeline, other]) view.close();
});

it('[SND7] what an earlier process left in the store is shown, also what was refused to it', async () => {
  const id = await group();
  const [waiting, refused] = [bob['core'].newClientId(), bob['core'].newClientId()];
  const command = (clientId: string, text: string): object => ({ kind: 'send', clientId, stream: id, text, data: '', silent: false });
  const store = memoryStore();
  await store.write([
    { table: 'outbox', key: '0000000000000001', value: JSON.stringify({ ...command(refused, 'refused'), refused: { code: 'frozen', message: 'x', remediation: '' } }) },
    { table: 'outbox', key: '0000000000000002', value: JSON.stringify(command(waiting, 'waiting')) },
  ]);
  stage.proxy.hold();
  const again = stage.client('bob', { store });
  const timeline = views(again).timeline(id);
  const watch = watchTimeline(timeline);
  const before = await shows(timeline, ({ entries }) => entries.length === 2 && entries[0]!.status === 'failed');
  expect(before.entries).toMatchObject([{ key: refused, error: { code: 'frozen' } }, { key: waiting, status: 'sending', message: { text: 'waiting' } }]);
  stage.proxy.release();
  await shows(timeline, ({ entries }) => entries.some(({ key, message }) => key === waiting && message.seq > 0));
  expect(timeline.resend({ key: refused })).toBe(true);
  const done = await shows(timeline, ({ entries }) => entries.length === 2 && entries.every(({ status, message }) => status === 'sent' && message.seq > 0));
  expect(done.entries.map(({ key }) => key)).toEqual([waiting, refused]);
  expect(watch.problems).toEqual([]);
  timeline.close();
});

it('[VIS3] a message that waits for approval says so, and then has its place', async () => {
  const id = await group();
  await alice.command('conversations.settings', { conversation_id: id, approval: { timeout_s: 60 } });
  const timeline = views(bob).timeline(id);
  const watch = watchTimeline(timeline);
  await ready(timeline);
  const [song, advert] = [timeline.send('song'), timeline.send('advert')];
  const held = await shows(timeline, ({ entries }) => entries.length === 2 && entries.every(({ status }) => status === 'held'));
  expect(held.entries.map(({ key }) => key)).toEqual([song.key, advert.key]);
  await alice.command('held.approve', { conversation_id: id, held_id: (await song.sent).held!.id });
  await alice.command('held.reject', { conversation_id: id, held_id: (await advert.sent).held!.id });
  const decided = await shows(timeline, ({ entries }) => entries[0]?.status === 'sent' && entries[0].message.seq > 0 && entries[1]?.status === 'rejected');
  expect(decided.entries.map(({ key }) => key)).toEqual([song.key, advert.key]);
  expect(await timeline.discard(advert)).toBe(true);
  expect(watch.problems).toEqual([]);
  timeline.close();
});

it('[VIS2] what the user hides, and who they block, is not shown; and is shown again', async () => {
  const id = await group();
  await say(alice, id, 2);
  await say(bob, id, 1, 3);
  const timeline = views(bob).timeline(id);
  const all = await ready(timeline);
  expect(texts(all)).toEqual(['1', '2', '3']);
  await bob.command('messages.hide', { message_id: all.entries[0]!.message.id });
  expect(texts(await shows(timeline, ({ entries }) => entries.length === 2))).toEqual(['2', '3']);
  await bob.command('privacy.set', { user_id: 'me', hide_blocked: true });
  await bob.command('blocks.add', { user_id: 'me', blocked_user_id: alice.userId });
  await shows(timeline, ({ entries }) => entries.length === 1);
  await say(alice, id, 1, 4);
  await say(bob, id, 1, 5);
  expect(texts(await shows(timeline, ({ entries }) => entries.length === 2))).toEqual(['3', '5']);
  await bob.command('blocks.remove', { user_id: 'me', blocked_user_id: alice.userId });
  expect(texts(await shows(timeline, ({ entries }) => entries.length === 4))).toEqual(['2', '3', '4', '5']);
  await bob.command('privacy.set', { user_id: 'me', hide_blocked: false });
  timeline.close();
});

it('a thread is a timeline, with the message that it began with', async () => {
  const id = await group();
  const here = alice.conversations.open(id);
  const first = await here.send('first').sent;
  await here.send({ text: 'a', thread: first }).sent;
  const [thread, main] = [views(bob).timeline(id, { threadId: first.id }), views(bob).timeline(id)];
  await Promise.all([ready(thread), ready(main)]);
  await shows(thread, ({ root }) => root?.thread?.replies === 1);
  const own = thread.send('b');
  const reply = await own.sent;
  await shows(thread, ({ root, entries }) => root?.thread?.replies === 2 && entries.length === 2);
  expect(texts(thread.get())).toEqual(['a', 'b']);
  expect((await shows(main, ({ entries }) => entries[0]?.message.thread?.replies === 2)).entries).toHaveLength(1);
  // A reply that the main timeline has never seen is gone.
  await alice.conversations.open(id).remove({ id: thread.get().entries[0]!.message.id });
  await bob.command('messages.delete', { message_id: reply.id });
  for (const view of [thread, main]) await shows(view, ({ root, entries }) => (root ?? entries[0]?.message)?.thread?.replies === 0);
  expect(main.get().entries.map(({ message }) => message)).toEqual(await read(bob, id, main.get()));
  expect(thread.get().entries.map(({ message }) => message)).toEqual(await read(bob, id, thread.get(), first.id));
  for (const view of [thread, main]) view.close();
});

it('[RES3] what was missed for too long is read anew', async () => {
  const id = await group();
  const away = stage.client('bob', { follow: 0 });
  await away.ready();
  const timeline = views(away).timeline(id, { page: 20 });
  const watch = watchTimeline(timeline);
  await ready(timeline);
  stage.proxy.hold();
  const direct = stage.client('alice', { url: stage.direct });
  await direct.ready();
  await say(direct, id, 1_100);
  stage.proxy.cut();
  stage.proxy.release();
  await shows(timeline, ({ entries }) => entries.at(-1)?.message.text === '1100');
  await shows(timeline, ({ loading }) => loading === false);
  expect(timeline.get().entries.map(({ message }) => message)).toEqual(await read(away, id, timeline.get()));
  expect(watch.problems).toEqual([]);
  timeline.close();
});

it('says why it cannot be read', async () => {
  const timeline = views(bob).timeline('c_00000000000000000000000000');
  expect(await shows(timeline, ({ error }) => error !== undefined)).toMatchObject({ entries: [], loading: false, error: { code: 'not_found' } });
  timeline.close();
});

type Step =
  | { readonly kind: 'send' | 'edit' | 'delete' | 'react' | 'unreact' | 'reply' | 'pin' | 'vote' | 'poll'; readonly by: number; readonly at: number }
  | { readonly kind: 'older' | 'newer' | 'around' | 'latest' | 'cut' | 'own' | 'settle'; readonly at: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('send' as const, 'reply' as const, 'edit' as const, 'delete' as const, 'react' as const, 'unreact' as const, 'pin' as const, 'poll' as const, 'vote' as const), by: fc.nat(1), at: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('older' as const, 'newer' as const, 'around' as const, 'latest' as const, 'own' as const, 'cut' as const, 'settle' as const), at: fc.nat(30) }) },
);

it('[ORD1,ORD5,ORD6] after any history, over lost connections, it shows what HTTP gives, and nothing twice or anew', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), fc.nat(40), async (steps, before) => {
    const id = await group();
    await say(alice, id, before);
    const screen = views(alice);
    const timeline = screen.timeline(id, { page: 5, max: 20 });
    const watch = watchTimeline(timeline);
    const writers = [alice.conversations.open(id), bob.conversations.open(id)];
    const messages: { id: string; seq: number; poll: boolean; by: number }[] = [];
    const done: Promise<unknown>[] = [];
    // What is refused, because it is so already or the message is gone, is no matter here.
    const start = (work: Promise<unknown>): void => void done.push(work.catch(() => undefined));
    for (const one of steps) {
      const target = messages.length > 0 ? messages[one.at % messages.length] : undefined;
      switch (one.kind) {
        case 'send': case 'reply': case 'poll': {
          const content = one.kind === 'poll' ? { poll: { question: '?', options: ['a', 'b'] } } : { text: `${one.at}`, ...(one.kind === 'reply' && target && { thread: target, inMain: one.at % 2 === 0 }) };
          const sent = await writers[one.by]!.send(content).sent.catch(() => undefined);
          if (sent && one.kind !== 'reply') messages.push({ ...sent, poll: one.kind === 'poll', by: one.by });
          break;
        }
        case 'edit': if (target) start(writers[target.by]!.edit(target, { text: `edited ${one.at}` })); break;
        case 'delete': if (target) start(writers[target.by]!.remove(target)); break;
        case 'react': if (target) start(writers[one.by]!.react(target, `${one.at % 3}`)); break;
        case 'unreact': if (target) start(writers[one.by]!.unreact(target, `${one.at % 3}`)); break;
        case 'pin': if (target) start(alice.command('pins.add', { message_id: target.id })); break;
        case 'vote': if (target?.poll) start([alice, bob][one.by]!.command('polls.vote', { message_id: target.id, options: [`${1 + (one.at % 2)}`] })); break;
        case 'older': start(timeline.loadOlder()); break;
        case 'newer': start(timeline.loadNewer()); break;
        case 'around': start(timeline.around(one.at + 1)); break;
        case 'latest': start(timeline.jumpToLatest()); break;
        case 'own': timeline.send(`own ${one.at}`); break;
        case 'cut': stage.proxy.cut(); break;
        case 'settle': await Promise.all(done.splice(0)); break;
        default: one satisfies never;
      }
    }
    await Promise.all(done);
    const last = await writers[1]!.send('last').sent;
    await until(() => alice.pending === 0 && (alice['core'].tracker.position(id)?.seq ?? 0) >= last.seq);
    // What is being read anew comes to an end.
    let shown: readonly MessageView[] = [];
    let given: readonly MessageView[] = [];
    await until(() => timeline.get().loading === false);
    for (let tries = 0; tries < 20; tries += 1) {
      await until(() => timeline.get().loading === false);
      // A reply to what is gone is refused, and stays to be seen.
      shown = timeline.get().entries.filter(({ status }) => status !== 'failed').map(({ message }) => message);
      given = await read(alice, id, timeline.get());
      if (JSON.stringify(shown) === JSON.stringify(given)) break;
    }
    expect(shown).toEqual(given);
    expect(shown.length).toBeLessThanOrEqual(20);
    expect(watch.problems).toEqual([]);
    screen.close();
  }), { numRuns: 12 });
}, 120_000);
