/** What counts, and what does not, one case each. */
import { describe, expect, test } from 'vitest';
import { logEntry, type EntryOf, type LoggedFact } from '../src/index.js';
import { room, type Script } from './script.js';

const MARKED = { conversation: 'c', client_id: '' };
const wrong = (count: number, at: number, model: string): string[] => [`H10 two read ${count} unread of u_2 in c at seq ${at}, the model says ${model}`];
const wrongInThread = (count: number, at: number, model: string): string[] => [`H10 two read ${count} unread of u_2 in the thread 3 of c at seq ${at}, the model says ${model}`];

/** Messages of `u_1` from 3 to 4, and somebody who reads. */
function begin(): Script {
  const run = room(4);
  run.client('two', 'u_2');
  return run;
}

/** A second client for each reading: what one read before says nothing of the next. */
function reads(run: Script, count: number, at_seq: number, of: Partial<EntryOf<'unread'>> = {}): string[] {
  run.line('two', { k: 'unread', stream: 'c', user: 'u_2', count, at_seq, ...of });
  return run.violations();
}

const reply = (run: Script, seq: number, fields: Partial<EntryOf<'log'>> = {}): void => run.row('c', seq, { ordinal: 2, thread: 3, thread_countable: true, countable: false, ...fields });
const own = (run: Script, seq: number, fields: Partial<EntryOf<'log'>>): void => run.row('u_2', seq, { ...MARKED, actor: 'u_2', ...fields });

describe('[H10] a conversation', () => {
  test('does not count a reply that stands in its thread only', () => {
    const run = begin();
    reply(run, 5);
    expect(reads(run, 2, 5)).toEqual([]);
    expect(reads(run, 3, 5)).toEqual(wrong(3, 5, '2'));
  });

  test('counts one that also stands in it', () => {
    const run = begin();
    reply(run, 5, { ordinal: 3, countable: true });
    expect(reads(run, 3, 5)).toEqual([]);
    expect(reads(run, 2, 5)).toEqual(wrong(2, 5, '3'));
  });

  test('counts a message until its time has come', () => {
    const run = begin();
    run.row('c', 5, { ordinal: 3, redacted: true, body: undefined });
    run.row('c', 6, { type: 'message.expired', target_seq: 5, client_id: 'due' });
    expect(reads(run, 3, 5)).toEqual([]);
    expect(reads(run, 2, 6)).toEqual([]);
    expect(reads(run, 3, 6)).toEqual(wrong(3, 6, '2'));
  });

  test('counts what the user has hidden', () => {
    const run = begin();
    own(run, 1, { type: 'message.hidden' });
    expect(reads(run, 2, 4)).toEqual([]);
    expect(reads(run, 1, 4)).toEqual(wrong(1, 4, '2'));
  });

  test('counts again from where the user has marked it unread, or no more, when it was read since', () => {
    const run = begin();
    run.line('two', { k: 'mark', stream: 'c', user: 'u_2', delivered_seq: 4, read_seq: 4 });
    own(run, 1, { type: 'conversation.unread_set', mark_seq: 4 });
    own(run, 2, { type: 'conversation.unread_set', mark_seq: 3, conversation: 'd' });
    expect(reads(run, 0, 4)).toEqual([]);
    expect(reads(run, 1, 4)).toEqual([]);
    expect(reads(run, 2, 4)).toEqual(wrong(2, 4, '0 or 1'));
  });
});

describe('[H10] a thread', () => {
  const thread = { thread: 3, own_seq: 1 };
  const followed = (run: Script, mark_seq: number): void => own(run, 1, { type: 'thread.followed', thread: 3, mark_seq });

  test('counts replies of others behind its mark, and nothing else', () => {
    const run = begin();
    followed(run, 5);
    reply(run, 5);
    reply(run, 6);
    reply(run, 7, { thread: 4 });
    reply(run, 8, { thread_countable: false });
    run.row('c', 9, { ordinal: 3, countable: true });
    expect(reads(run, 1, 9, thread)).toEqual([]);
    expect(reads(run, 2, 9, thread)).toEqual(wrongInThread(2, 9, '1'));
  });

  test('is read by replying', () => {
    const run = begin();
    followed(run, 0);
    reply(run, 5);
    reply(run, 6, { actor: 'u_2' });
    reply(run, 7);
    expect(reads(run, 1, 7, thread)).toEqual([]);
    expect(reads(run, 2, 7, thread)).toEqual(wrongInThread(2, 7, '1'));
  });

  test('does not count replies that are gone', () => {
    const run = begin();
    followed(run, 0);
    reply(run, 5, { redacted: true, body: undefined });
    reply(run, 6, { redacted: true, body: undefined });
    reply(run, 7);
    run.row('c', 8, { type: 'message.deleted', target_seq: 5, client_id: 'd' });
    run.row('c', 9, { type: 'message.expired', target_seq: 6, client_id: 'e' });
    expect(reads(run, 1, 9, thread)).toEqual([]);
    expect(reads(run, 2, 8, thread)).toEqual([]);
    expect(reads(run, 2, 9, thread)).toEqual(wrongInThread(2, 9, '1'));
  });

  test('may have been read since the user\'s own stream was looked at, and not before', () => {
    const run = begin();
    followed(run, 0);
    reply(run, 5);
    reply(run, 6);
    own(run, 2, { type: 'thread.read', thread: 3, mark_seq: 5 });
    expect(reads(run, 2, 6, thread)).toEqual([]);
    expect(reads(run, 1, 6, thread)).toEqual([]);
    expect(reads(run, 2, 6, { thread: 3, own_seq: 2 })).toEqual(wrongInThread(2, 6, '1'));
  });

  test('says nothing when it is not followed', () => {
    const run = begin();
    reply(run, 5);
    expect(reads(run, 77, 5, thread)).toEqual([]);
  });

  test('says nothing of replies from while the user was away', () => {
    const run = begin();
    followed(run, 0);
    reply(run, 5);
    run.row('c', 6, { type: 'member.left', user: 'u_2', actor: '', client_id: 'l' });
    reply(run, 7);
    run.row('c', 8, { type: 'member.joined', user: 'u_2', actor: '', client_id: 'j' });
    reply(run, 9);
    expect(reads(run, 77, 9, thread)).toEqual([]);
    own(run, 2, { type: 'thread.read', thread: 3, mark_seq: 7 });
    expect(reads(run, 1, 9, { thread: 3, own_seq: 2 })).toEqual([]);
    expect(reads(run, 2, 9, { thread: 3, own_seq: 2 })).toEqual(wrongInThread(2, 9, '1'));
  });
});

describe('[H10] a line of the log', () => {
  const fact = (type: string, body: LoggedFact['body'], more: Partial<LoggedFact> = {}) => {
    const { countable, thread, thread_countable, conversation, mark_seq } = logEntry('a', 'c', {
      seq: 9, event_id: 'e', type, actor: 'u_1', time_ms: 1, target_seq: null, client_id: null, redacted: false, body, ...more,
    });
    return { countable, thread, thread_countable, conversation, mark_seq };
  };
  const NOTHING = { countable: undefined, thread: undefined, thread_countable: undefined, conversation: undefined, mark_seq: undefined };

  test('says whether a message counts, and where', () => {
    expect(fact('message.created', {})).toEqual({ ...NOTHING, countable: true });
    expect(fact('message.created', { silent: true })).toEqual({ ...NOTHING, countable: false });
    expect(fact('message.created', { system: true }, { actor: null })).toEqual({ ...NOTHING, countable: false });
    expect(fact('message.created', {}, { redacted: true })).toEqual(NOTHING);
    expect(fact('message.created', { thread_seq: 3 })).toEqual({ ...NOTHING, countable: false, thread: 3, thread_countable: true });
    expect(fact('message.created', { thread_seq: 3, in_main: true }, { redacted: true })).toEqual({ ...NOTHING, countable: true, thread: 3, thread_countable: true });
    expect(fact('message.created', { thread_seq: 3, in_main: true, silent: true })).toEqual({ ...NOTHING, countable: false, thread: 3, thread_countable: false });
    expect(fact('message.created', { thread_seq: 3 }, { actor: null })).toEqual({ ...NOTHING, countable: false, thread: 3, thread_countable: false });
  });

  test('says how far a user has read', () => {
    expect(fact('thread.read', { conversation_id: 'c', thread_seq: 3, read_seq: 7 })).toEqual({ ...NOTHING, conversation: 'c', thread: 3, mark_seq: 7 });
    expect(fact('conversation.unread_set', { conversation_id: 'c', from_seq: 4 })).toEqual({ ...NOTHING, conversation: 'c', mark_seq: 4 });
    expect(fact('draft.set', { conversation_id: 'c', thread_seq: 3, text: 'x' })).toEqual({ ...NOTHING, conversation: 'c' });
  });
});

describe('what waits', () => {
  /** `u_1` has sent something that waits, and it was acked in their own stream. */
  function waiting(type: 'message.held' | 'message.scheduled'): Script {
    const run = room(2);
    run.line('one', { k: 'invoke', client_id: 'w', op: 'message.send', stream: 'c', outbox: 'one' });
    run.row('u_1', 1, { type, client_id: 'w', conversation: 'c' });
    run.line('one', { k: 'ack', client_id: 'w', stream: 'u_1', seq: 1, event_id: '', duplicate: false });
    return run;
  }
  function approved(run: Script, seq: number): void {
    run.client('backend', '');
    run.line('backend', { k: 'invoke', client_id: 'y', op: 'held.approve', stream: 'c', outbox: '' });
    run.line('backend', { k: 'ack', client_id: 'y', stream: 'c', seq, event_id: '', duplicate: false });
  }

  test('[H1,H2] comes into its conversation under its sender\'s command, once', () => {
    const run = waiting('message.scheduled');
    run.row('c', 3, { client_id: 'w' });
    expect(run.violations()).toEqual([]);
    run.row('c', 4, { client_id: 'w' });
    expect(run.violations()).toEqual(['H2 w is in the log twice: c seq 3 and c seq 4']);
  });

  test('[H1] is what an approval is answered with, and nothing else is', () => {
    const run = waiting('message.held');
    run.row('c', 3, { client_id: 'w' });
    approved(run, 3);
    expect(run.violations()).toEqual([]);
    const other = waiting('message.held');
    other.row('c', 3, { client_id: 'w' });
    other.row('c', 4, { client_id: 'z' });
    approved(other, 4);
    expect(other.violations()).toEqual(['H1 backend: y was acked as c seq 4, but the log has the command z there']);
  });

  test('[H1] may have disappeared when it is deleted', () => {
    const run = room(3);
    run.row('c', 4, { type: 'message.expired', target_seq: 3, client_id: 'due' });
    run.client('backend', '');
    run.line('backend', { k: 'invoke', client_id: 'd', op: 'message.delete', stream: 'c', outbox: '' });
    run.line('backend', { k: 'ack', client_id: 'd', stream: 'c', seq: 4, event_id: '', duplicate: false });
    expect(run.violations()).toEqual([]);
  });
});
