import { describe, expect, test } from 'vitest';
import { room, script, type Script } from './script.js';

const read = (run: Script, client: string, user: string, read_seq: number): void => run.line(client, { k: 'mark', stream: 'c', user, delivered_seq: read_seq, read_seq });
const unread = (run: Script, user: string, count: number, at_seq: number): string[] => {
  run.line('two', { k: 'unread', stream: 'c', user, count, at_seq });
  return run.violations();
};
const wrong = (count: number, at: number, model: string): string[] => [`H10 two read ${count} unread of u_2 in c at seq ${at}, the model says ${model}`];

function twoIn(run: Script): Script {
  run.client('two', 'u_2');
  return run;
}

describe('marks', () => {
  test('[H9] marks of others, of other conversations and of other clients are marks of their own', () => {
    const run = twoIn(room(6));
    read(run, 'one', 'u_1', 6);
    read(run, 'one', 'u_2', 3);
    read(run, 'two', 'u_1', 4);
    run.line('one', { k: 'mark', stream: 'd', user: 'u_1', delivered_seq: 1, read_seq: 1 });
    expect(run.violations()).toEqual([]);
  });

  test('[H9] a restart of the client does not excuse a mark that went back', () => {
    const run = room(6);
    read(run, 'one', 'u_1', 6);
    run.restart('one');
    read(run, 'one', 'u_1', 5);
    expect(run.violations()).toEqual(['H9 one: the read (6 to 5) mark of u_1 in c went back']);
  });
});

describe('unread counts', () => {
  test('[H10] counts what others sent after the mark and up to the head', () => {
    const run = twoIn(room(8));
    expect(unread(run, 'u_2', 6, 8)).toEqual([]);
    expect(unread(run, 'u_2', 3, 5)).toEqual([]);
    expect(unread(run, 'u_1', 0, 8)).toEqual([]);
    read(run, 'two', 'u_2', 6);
    expect(unread(run, 'u_2', 2, 8)).toEqual([]);
    expect(unread(run, 'u_2', 3, 8)).toEqual(wrong(3, 8, '2'));
  });

  test('[H10] one too few is wrong, too', () => {
    expect(unread(twoIn(room(8)), 'u_2', 5, 8)).toEqual(wrong(5, 8, '6'));
  });

  test('[H10] messages without an ordinal are not counted', () => {
    const run = twoIn(room(4));
    run.row('c', 5);
    run.row('c', 6, { type: 'reaction.added', target_seq: 4 });
    run.row('c', 7, { ordinal: 3, sender_ordinal: 1, actor: 'u_2' });
    expect(unread(run, 'u_2', 2, 7)).toEqual([]);
    expect(unread(run, 'u_2', 3, 7)).toEqual(wrong(3, 7, '2'));
  });

  test('[H10] a message counts until the fact that redacts it', () => {
    const run = twoIn(room(4));
    run.row('c', 5, { ordinal: 3, sender_ordinal: 3, redacted: true, body: undefined });
    run.row('c', 6, { type: 'message.deleted', target_seq: 5 });
    expect(unread(run, 'u_2', 3, 5)).toEqual([]);
    expect(unread(run, 'u_2', 2, 6)).toEqual([]);
    expect(unread(run, 'u_2', 3, 6)).toEqual(wrong(3, 6, '2'));
  });

  test('[H10] where no fact says when it was redacted, both counts are right', () => {
    const run = twoIn(room(4));
    run.row('c', 5, { ordinal: 3, sender_ordinal: 3, redacted: true, body: undefined, actor: '' });
    expect(unread(run, 'u_2', 3, 5)).toEqual([]);
    expect(unread(run, 'u_2', 2, 5)).toEqual([]);
    expect(unread(run, 'u_2', 1, 5)).toEqual(wrong(1, 5, '2 to 3'));
  });

  test('[H10] no more than 1,000 redacted messages are taken off', () => {
    const run = twoIn(room(2));
    for (let seq = 3; seq <= 1010; seq += 1) run.row('c', seq, { ordinal: seq - 2, redacted: true, body: undefined });
    for (let seq = 3; seq <= 1010; seq += 1) run.row('c', seq + 1008, { type: 'message.deleted', target_seq: seq, client_id: `d${seq}` });
    expect(unread(run, 'u_2', 8, 2018)).toEqual([]);
    expect(unread(run, 'u_2', 0, 2018)).toEqual(wrong(0, 2018, '8'));
  });

  test('[H10] messages that do not count have the ordinal of the last that did', () => {
    const run = twoIn(room(4));
    run.row('c', 5, { ordinal: 2, actor: '' });
    run.row('c', 6, { ordinal: 3 });
    run.row('c', 7, { ordinal: 3, actor: '' });
    expect(unread(run, 'u_2', 3, 7)).toEqual([]);
    expect(unread(run, 'u_2', 5, 7)).toEqual(wrong(5, 7, '3'));
  });

  test('[H10] counts stop at 1,000', () => {
    const run = twoIn(room(2));
    for (let seq = 3; seq <= 1_203; seq += 1) run.row('c', seq, { ordinal: seq - 2 });
    expect(unread(run, 'u_2', 999, 1_001)).toEqual([]);
    expect(unread(run, 'u_2', 1_000, 1_203)).toEqual([]);
    expect(unread(run, 'u_2', 1_201, 1_203)).toEqual(wrong(1_201, 1_203, '1000'));
  });

  test('[H10] another device may have read up to a later mark, but not beyond the head', () => {
    const run = twoIn(room(8));
    run.client('three', 'u_2');
    expect(unread(run, 'u_2', 1, 7)).toEqual(wrong(1, 7, '5'));
    read(run, 'three', 'u_2', 6);
    read(run, 'three', 'u_2', 8);
    expect(unread(run, 'u_2', 1, 7)).toEqual([]);
    expect(unread(run, 'u_2', 0, 7)).toEqual(wrong(0, 7, '5 or 1'));
  });

  test('[H10] a member who comes back has not missed what was said meanwhile', () => {
    const run = twoIn(room(4));
    run.row('c', 5, { type: 'member.left', user: 'u_2', actor: '', client_id: 'l' });
    run.row('c', 6, { ordinal: 3 });
    run.row('c', 7, { type: 'member.joined', user: 'u_2', actor: '', client_id: 'j' });
    run.row('c', 8, { ordinal: 4 });
    expect(unread(run, 'u_2', 1, 8)).toEqual([]);
    expect(unread(run, 'u_2', 0, 6)).toEqual([]);
    expect(unread(run, 'u_2', 4, 8)).toEqual(wrong(4, 8, '1'));
  });

  test('[H10] nothing is said where retention has removed what would have to be counted', () => {
    const run = script();
    run.log({ k: 'floor', stream: 'c', floor_seq: 5 });
    for (const seq of [5, 6]) run.row('c', seq, { ordinal: seq });
    run.row('c', 7, { type: 'member.left', user: 'u_2', actor: '', client_id: 'l' });
    twoIn(run);
    expect(unread(run, 'u_2', 77, 6)).toEqual([]);
    read(run, 'two', 'u_2', 5);
    expect(unread(run, 'u_2', 77, 6)).toEqual(wrong(77, 6, '1'));
  });
});

describe('apps', () => {
  test('[H8] asking for a stream of another app is no leak, being told of it is', () => {
    const run = room(4);
    run.client('spy', 'u_9', 'b');
    run.observe('spy', 'c', 0);
    expect(run.violations()).toEqual([]);
    read(run, 'spy', 'u_1', 3);
    run.line('spy', { k: 'unread', stream: 'c', user: 'u_1', count: 3, at_seq: 4 });
    run.line('spy', { k: 'range', observer: 'main', stream: 'c', from_seq: 1, to_seq: 2, cause: 'truncated' });
    run.saw('spy', 'c', 3);
    run.acked('spy', 'c', 4, 'm4');
    expect(run.violations()).toEqual(['mark', 'unread', 'range', 'fact', 'ack'].map((k) => {
      const seq = k === 'fact' ? ' seq 3' : k === 'ack' ? ' seq 4' : '';
      return `H8 spy of the app b got a ${k} of the app a: c${seq}`;
    }));
  });
});

test('[H10] what the log says does not count is not counted, whatever ordinal the server gave it', () => {
  const run = script();
  run.client('two', 'u_2');
  run.row('c', 1, { type: 'member.joined', user: 'u_2', client_id: '' });
  run.row('c', 2, { type: 'message.created', ordinal: 1, countable: true });
  run.row('c', 3, { type: 'message.created', ordinal: 2, countable: false });
  run.row('c', 4, { type: 'message.created', ordinal: 3, countable: true });
  expect(unread(run, 'u_2', 3, 4)).toEqual(wrong(3, 4, '2'));
});
