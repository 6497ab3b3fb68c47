import { describe, expect, test } from 'vitest';
import { room, script } from './script.js';

describe('commands and the log', () => {
  test('[H1] an ack below the floor cannot be looked up, and is believed', () => {
    const run = script();
    run.row('c', 5);
    run.log({ k: 'floor', stream: 'c', floor_seq: 5 });
    run.client('one', 'u_1');
    run.sent('one', 'c', 4);
    expect(run.verdict()).toMatchObject({ verdict: 'ok', sent: 1 });
    run.sent('one', 'c', 6);
    expect(run.violations()).toEqual(['H1 one: m6 was acked as c seq 6, which the log does not have']);
  });

  test('[H1] a stream that the log lacks, and another command at the place', () => {
    const run = room(3);
    run.sent('one', 'nowhere', 1);
    run.acked('one', 'c', 3, 'm9');
    expect(run.violations()).toEqual([
      'H1 one: m1 was acked as nowhere seq 1, a stream that the log does not have',
      'H1 one: m9 was acked as c seq 3, but the log has the command m3 there',
    ]);
    expect(run.verdict().lost).toBe(2);
  });

  test('[H1] [H6] a command whose effect was there already is answered with the place of the one that had it', () => {
    const run = room(6);
    run.row('c', 7, { type: 'member.joined', user: 'u_3', client_id: 'first' });
    run.line('one', { k: 'invoke', client_id: 'again', op: 'member.add', stream: 'c', outbox: '' });
    run.acked('one', 'c', 7, 'again');
    expect(run.violations()).toEqual([]);
    run.line('one', { k: 'invoke', client_id: 'other', op: 'member.remove', stream: 'c', outbox: '' });
    run.acked('one', 'c', 7, 'other');
    expect(run.violations()).toEqual(['H1 one: other was acked as c seq 7, but the log has the command first there']);
  });

  test('[H2] one command may name several users, and make a conversation with its members', () => {
    const run = script();
    run.row('c', 1, { type: 'conversation.created', client_id: 'x' });
    run.row('c', 2, { type: 'member.joined', user: 'u_1', client_id: 'x' });
    run.row('c', 3, { type: 'member.joined', user: 'u_2', client_id: 'x' });
    run.row('u_1', 1, { type: 'user.added', client_id: 'x' });
    run.row('u_2', 1, { type: 'user.added', client_id: 'x' });
    expect(run.violations()).toEqual([]);
    run.row('u_2', 2, { type: 'user.added', client_id: 'x' });
    run.row('c', 4, { type: 'member.joined', user: 'u_2', client_id: 'x' });
    expect(run.violations()).toEqual(['H2 x is in the log twice: c seq 3 and c seq 4', 'H2 x is in the log twice: u_2 seq 1 and u_2 seq 2'].toReversed());
  });

  test('[H2] the same client_id of two actors, or in two apps, is two commands', () => {
    const run = script();
    run.row('c', 1, { client_id: 'x', actor: 'u_1' });
    run.row('c', 2, { client_id: 'x', actor: 'u_2' });
    run.row('d', 1, { client_id: 'x', actor: 'u_1', app: 'b' });
    expect(run.violations()).toEqual([]);
  });

  test('[H5] sends without an outbox promise no order; a retry keeps its place', () => {
    const run = room(5);
    run.invoked('one', 'c', 'm4', '');
    run.invoked('one', 'c', 'm3', '');
    run.acked('one', 'c', 3, 'm3');
    run.acked('one', 'c', 4, 'm4');
    expect(run.violations()).toEqual([]);

    const retried = room(4);
    retried.invoked('one', 'c', 'm3');
    retried.invoked('one', 'c', 'm4');
    retried.acked('one', 'c', 4, 'm4');
    retried.line('one', { k: 'unknown', client_id: 'm3', reason: '' });
    retried.invoked('one', 'c', 'm3');
    retried.acked('one', 'c', 3, 'm3', true);
    expect(retried.verdict()).toMatchObject({ verdict: 'ok', unknowns_resolved: 1, duplicates: 1 });
  });

  test('[H5] tabs that share an outbox share its order', () => {
    const run = room(4);
    run.client('two', 'u_1');
    run.invoked('one', 'c', 'm4', 'shared');
    run.invoked('two', 'c', 'm3', 'shared');
    run.acked('one', 'c', 4, 'm4');
    run.acked('one', 'c', 3, 'm3');
    expect(run.violations()).toEqual(['H5 outbox shared in c: m3 has seq 3, but m4, invoked before it, has 4']);
  });

  test('[H6] commands in flight at once may take any order; one after the other may not', () => {
    const run = room(4);
    run.client('two', 'u_2');
    run.invoked('one', 'c', 'm4');
    run.invoked('two', 'c', 'm3', '');
    run.acked('one', 'c', 4, 'm4');
    run.line('log', { k: 'canary', app: 'a', text_hash: 'a'.repeat(64) });
    expect(run.violations()).toEqual([]);

    const late = room(4);
    late.client('two', 'u_1');
    late.sent('one', 'c', 4);
    late.sent('two', 'c', 3);
    expect(late.violations()).toEqual(['H6 c: m4 was acked with seq 4 before m3 was invoked, which has seq 3']);
    expect(late.verdict().reordered).toBe(1);
  });

  test('[H6] holds for a command whose ack was lost, too: the log says where it is', () => {
    const run = room(4);
    run.client('two', 'u_1');
    run.sent('one', 'c', 4);
    run.invoked('two', 'c', 'm3');
    run.line('two', { k: 'unknown', client_id: 'm3', reason: 'lost' });
    expect(run.violations()).toEqual(['H6 c: m4 was acked with seq 4 before m3 was invoked, which has seq 3']);
  });

  test('[H11] a refusal of the client_id says nothing of the command', () => {
    const run = room(4);
    run.sent('one', 'c', 3);
    run.line('one', { k: 'fail', client_id: 'm3', code: 'idempotency_mismatch' });
    run.invoked('one', 'c', 'm4');
    run.line('one', { k: 'fail', client_id: 'm4', code: 'client_id_expired' });
    expect(run.violations()).toEqual([]);
    run.line('one', { k: 'fail', client_id: 'm4', code: 'denied' });
    expect(run.violations()).toEqual(['H11 one: m4 was finally refused as denied, but is in the log: c seq 4']);
  });
});
