import { describe, expect, test } from 'vitest';
import { room, script } from './script.js';

describe('one repeat after a crash of the client', () => {
  test('[H3] the last fact may be seen again, once', () => {
    const run = room(6);
    run.observe('one', 'c', 0);
    run.saw('one', 'c', 1, 2, 3);
    run.restart('one');
    run.observe('one', 'c', 2);
    run.saw('one', 'c', 3, 4);
    run.restart('one');
    run.saw('one', 'c', 4);
    run.restart('one');
    run.saw('one', 'c', 4, 5, 6);
    run.sent('one', 'c', 6);
    expect(run.verdict()).toMatchObject({ verdict: 'ok', seen: 4 });
  });

  test('[H3] but not twice, not another fact, and not later', () => {
    const run = room(6);
    run.observe('one', 'c', 0);
    run.saw('one', 'c', 1, 2, 3);
    run.restart('one');
    run.saw('one', 'c', 3, 3, 4);
    run.restart('one');
    run.saw('one', 'c', 3, 5);
    run.restart('one');
    run.saw('one', 'c', 6, 5);
    expect(run.violations()).toEqual(['H3 one/main in c saw seq 3 again', 'H3 one/main in c saw seq 3 again', 'H3 one/main in c saw seq 5 again']);
    expect(run.verdict()).toMatchObject({ repeated: 3, lost: 0, reordered: 0 });
  });

  test('[H3] not when the cursor had moved past it before the crash', () => {
    const run = room(4);
    run.observe('one', 'c', 0);
    run.saw('one', 'c', 1, 2, 3);
    run.restart('one');
    run.observe('one', 'c', 3);
    run.saw('one', 'c', 3, 4);
    expect(run.violations()).toEqual(['H3 one/main in c saw seq 3 again']);
  });

  test('[H3] a range right before it was not kept either: what lay there may be shown now, and comes first', () => {
    const crashed = (...then: number[]): string[] => {
      const run = room(6);
      run.client('two', 'u_2');
      run.observe('two', 'c', 1);
      run.line('two', { k: 'range', observer: 'main', stream: 'c', from_seq: 2, to_seq: 3, cause: 'skipped' });
      run.saw('two', 'c', 4);
      run.restart('two');
      run.observe('two', 'c', 1);
      run.saw('two', 'c', ...then);
      return run.violations();
    };
    expect(crashed(2, 3, 4, 5, 6)).toEqual([]);
    expect(crashed(2, 3, 4, 4, 5)).toEqual(['H3 two/main in c saw seq 4 again']);
    expect(crashed(2, 3, 5, 4)).toEqual(['H3 two/main in c saw seq 4 again']);
    expect(crashed(3, 2, 4)).toEqual(['H4 two/main in c saw seq 2 after a later one']);
    expect(crashed(4, 2)).toEqual(['H4 two/main in c saw seq 2 after a later one']);
  });

  test('[H3] but not when something that lay there had been seen', () => {
    const run = room(6);
    run.client('two', 'u_2');
    run.observe('two', 'c', 1);
    run.saw('two', 'c', 2);
    run.line('two', { k: 'range', observer: 'main', stream: 'c', from_seq: 3, to_seq: 3, cause: 'skipped' });
    run.saw('two', 'c', 4);
    run.restart('two');
    run.observe('two', 'c', 1);
    run.saw('two', 'c', 2, 3, 4);
    expect(run.violations()).toEqual(['H3 two/main in c saw seq 2 again', 'H3 two/main in c saw seq 4 again', 'H4 two/main in c saw seq 3 after a later one']);
  });

  test('[H3] a cursor that skipped a fact across the crash is a gap, even if nothing follows', () => {
    const run = room(6);
    run.observe('one', 'c', 0);
    run.saw('one', 'c', 1, 2, 3);
    run.restart('one');
    run.observe('one', 'c', 5);
    expect(run.violations()).toEqual(['H3 one/main in c did not see seq 4..5, and nothing declares why']);
    expect(run.verdict().lost).toBe(2);
  });

  test('[H3] a subscription without a cursor takes a new name, and begins where it says', () => {
    const run = room(6);
    run.observe('one', 'c', 0);
    run.saw('one', 'c', 1, 2, 3);
    run.restart('one');
    run.observe('one', 'c', 5, 'second');
    run.line('one', { k: 'end', observer: 'second', stream: 'c', seq: 5 });
    run.sent('one', 'c', 6);
    expect(run.verdict().verdict).toBe('ok');
  });
});

describe('the end of a walk', () => {
  test('[H3] without an end line nobody says that the observer had drained its stream', () => {
    const run = room(6);
    run.observe('one', 'c', 0);
    run.saw('one', 'c', 1, 2, 3);
    expect(run.violations()).toEqual([]);
    run.line('one', { k: 'end', observer: 'main', stream: 'c', seq: 6 });
    expect(run.violations()).toEqual(['H3 one/main in c drained up to seq 6 but did not see seq 4..6']);
    expect(run.verdict().lost).toBe(3);
  });

  test('[H3] what follows a removal is neither due nor declared', () => {
    const run = room(4);
    run.row('c', 5, { type: 'member.left', user: 'u_1', actor: '', client_id: 'l1' });
    run.row('c', 6);
    run.observe('one', 'c', 0);
    run.saw('one', 'c', 1, 2, 3, 4, 5);
    run.line('one', { k: 'end', observer: 'main', stream: 'c', seq: 6 });
    expect(run.violations()).toEqual([]);
    run.saw('one', 'c', 6);
    expect(run.violations()).toEqual(['H7 one/main saw c seq 6, where u_1 was no member']);
  });

  test('[H3] an end beyond the log', () => {
    const run = room(3);
    run.observe('one', 'c', 0);
    run.saw('one', 'c', 1, 2, 3);
    run.line('one', { k: 'end', observer: 'main', stream: 'c', seq: 4 });
    expect(run.violations()).toEqual(['H3 one/main in c drained up to seq 4, but the log ends at 3']);
  });
});

describe('ranges', () => {
  const left = (run: ReturnType<typeof room>, from_seq: number, to_seq: number, cause: 'membership' | 'retention' | 'truncated' | 'skipped'): void =>
    run.line('two', { k: 'range', observer: 'main', stream: 'c', from_seq, to_seq, cause });

  test('[H3] even what a user may not see must be declared', () => {
    const run = room(4);
    run.client('two', 'u_2');
    run.observe('two', 'c', 0);
    run.saw('two', 'c', 2, 3, 4);
    expect(run.violations()).toEqual(['H3 two/main in c did not see seq 1, and nothing declares why']);
    left(run, 1, 1, 'membership');
    expect(run.violations()).toEqual([]);
  });

  test('[H3] a membership range holds no seq that the user may see', () => {
    const run = room(6);
    run.client('two', 'u_2');
    run.observe('two', 'c', 0);
    left(run, 1, 4, 'membership');
    run.saw('two', 'c', 5, 6);
    expect(run.violations()).toEqual(['H3 two/main in c was told that it does not get seq 1..4 for membership, but u_2 may see seq 2..4']);
    expect(run.verdict().lost).toBe(3);
  });

  test('[H4] a range is declared where it lies: what comes before it is not seen behind it', () => {
    const run = room(6);
    run.client('two', 'u_2');
    run.observe('two', 'c', 1);
    left(run, 4, 5, 'skipped');
    run.saw('two', 'c', 2, 3, 6);
    expect(run.violations()).toEqual(['H4 two/main in c saw seq 2 after a later one', 'H4 two/main in c saw seq 3 after a later one']);
    expect(run.verdict().reordered).toBe(2);
  });

  test('[H4] but a process that died between the two begins before the range again', () => {
    const run = room(6);
    run.client('two', 'u_2');
    run.observe('two', 'c', 1);
    run.saw('two', 'c', 2);
    left(run, 3, 5, 'skipped');
    run.restart('two');
    run.observe('two', 'c', 2);
    run.saw('two', 'c', 3, 4, 5, 6);
    expect(run.violations()).toEqual([]);
  });

  test('[H3] with the history `all` a member sees what came before the join', () => {
    const run = script();
    run.row('c', 1, { type: 'conversation.created', history: 'all', actor: '', client_id: 'c1' });
    run.row('c', 2, { type: 'member.joined', user: 'u_2', actor: '', client_id: 'j2' });
    run.client('two', 'u_2');
    run.observe('two', 'c', 0);
    run.saw('two', 'c', 1, 2);
    expect(run.violations()).toEqual([]);
    left(run, 1, 1, 'membership');
    expect(run.violations()).toEqual(['H3 two/main in c was told that it does not get seq 1 for membership, but u_2 may see seq 1']);
  });

  test('[H3] a retention range lies below the floor', () => {
    const run = script();
    for (const seq of [5, 6, 7]) run.row('c', seq);
    run.log({ k: 'floor', stream: 'c', floor_seq: 5 });
    run.client('two', 'u_2');
    run.observe('two', 'c', 0);
    left(run, 1, 4, 'retention');
    run.saw('two', 'c', 5, 6, 7);
    expect(run.violations()).toEqual([]);
    left(run, 1, 5, 'retention');
    expect(run.violations()).toEqual(['H3 two/main in c was told that it does not get seq 1..5 for retention, but the floor is 5']);
  });

  test('[H3] what a client chose to skip, or was too far behind for, is taken at its word', () => {
    const run = room(9);
    run.client('two', 'u_2');
    run.observe('two', 'c', 1);
    left(run, 2, 4, 'truncated');
    run.saw('two', 'c', 5);
    left(run, 6, 8, 'skipped');
    run.saw('two', 'c', 9);
    expect(run.violations()).toEqual([]);
  });

  test('[H3] a walk that never began', () => {
    const run = room(4);
    run.saw('one', 'c', 3, 4);
    expect(run.violations()).toEqual(['H3 one/main in c recorded seq 3 without a line that says where it began']);
  });
});

describe('order', () => {
  test('[H4] a fact that comes late breaks the order once, and is no gap', () => {
    const run = room(6);
    run.observe('one', 'c', 0);
    run.saw('one', 'c', 1, 2, 6, 3, 4, 5);
    expect(run.violations()).toEqual(['H4 one/main in c saw seq 3 after a later one']);
    expect(run.verdict()).toMatchObject({ lost: 0, repeated: 0, reordered: 1 });
  });

  test('[H4] a fact from before the cursor is out of order', () => {
    const run = room(6);
    run.observe('one', 'c', 4);
    run.saw('one', 'c', 3, 5);
    expect(run.violations()).toEqual(['H4 one/main in c saw seq 3 after a later one']);
  });

  test('[H4] observers of what retention has removed must agree with each other', () => {
    const run = script();
    run.log({ k: 'floor', stream: 'c', floor_seq: 5 });
    run.client('one', 'u_1');
    run.client('two', 'u_2');
    for (const [client, event_id] of [['one', 'e_1'], ['two', 'e_2']] as const) {
      run.observe(client, 'c', 2);
      run.line(client, { k: 'fact', observer: 'main', stream: 'c', seq: 3, event_id, type: 'message.created', client_id: 'm3', actor: 'u_1' });
    }
    expect(run.violations()).toEqual(['H4 two/main in c saw seq 3 as event e_2, which another observer has as e_1']);
  });

  test('[H4] a fact seen before its redaction differs from the tombstone in the log, and is right', () => {
    const run = script();
    run.row('c', 1, { type: 'member.joined', user: 'u_1', actor: '', client_id: 'j1' });
    run.row('c', 2, { redacted: true, body: undefined, actor: '', client_id: '' });
    run.client('one', 'u_1');
    run.observe('one', 'c', 1);
    run.line('one', { k: 'fact', observer: 'main', stream: 'c', seq: 2, event_id: 'e_c_2', type: 'message.created', client_id: 'm2', actor: 'u_1', body: 'a'.repeat(64) });
    run.sent('one', 'c', 2);
    expect(run.verdict()).toMatchObject({ verdict: 'ok', sent: 1, seen: 1 });
  });
});
