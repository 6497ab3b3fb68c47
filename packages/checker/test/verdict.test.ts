import { describe, expect, test } from 'vitest';
import { reportLines, verdictLine } from '../src/index.js';
import { VIOLATIONS_MAX } from '../src/verdict.js';
import { room, script } from './script.js';

describe('unknown', () => {
  test('[H1] nothing was acked', () => {
    const run = room(4);
    run.observe('one', 'c', 0);
    run.saw('one', 'c', 1, 2, 3, 4);
    expect(run.verdict()).toMatchObject({ verdict: 'unknown', why: 'nothing was acked', seen: 2 });
    expect(verdictLine(run.verdict())).toBe('verdict: unknown (nothing was acked)');
  });

  test('[H1] an empty run', () => {
    expect(script().verdict()).toMatchObject({ verdict: 'unknown', why: 'nothing was acked' });
  });

  test('[H11] no fault hit work in flight', () => {
    const run = room(4);
    run.sent('one', 'c', 3);
    expect(run.verdict().verdict).toBe('ok');
    run.line('one', { k: 'fault', name: 'F1', in_flight: 0 });
    expect(run.verdict()).toMatchObject({ verdict: 'unknown', why: 'no fault hit work in flight' });
    run.line('harness', { k: 'fault', name: 'F1', in_flight: 1 });
    expect(run.verdict().verdict).toBe('ok');
  });

  test('[H11] a command that nobody answered, and that is not in the log', () => {
    const run = room(4);
    run.sent('one', 'c', 3);
    run.invoked('one', 'c', 'm4');
    run.line('one', { k: 'unknown', client_id: 'm4', reason: 'lost' });
    expect(run.verdict()).toMatchObject({ verdict: 'ok', sent: 1, unknowns_resolved: 0 });
    run.invoked('one', 'c', 'm5');
    run.line('one', { k: 'unknown', client_id: 'm5', reason: 'lost' });
    expect(verdictLine(run.verdict())).toBe('verdict: unknown (1 command was never answered, first m5 of one)');
    run.line('one', { k: 'fail', client_id: 'm5', code: 'denied' });
    expect(run.verdict()).toMatchObject({ verdict: 'ok', unknowns_resolved: 1 });
  });

  test('[H11] the row of another actor, or of another app, is no answer', () => {
    const run = room(4);
    run.sent('one', 'c', 3);
    run.client('two', 'u_2');
    run.invoked('two', 'c', 'm4');
    expect(run.verdict().why).toBe('1 command was never answered, first m4 of two');
  });

  test('[H1] a violation is a failure, even when nothing was acked', () => {
    const run = room(4);
    run.observe('one', 'c', 0);
    run.saw('one', 'c', 2);
    expect(run.verdict().verdict).toBe('failed');
  });
});

describe('the report', () => {
  test('[H1] a good run is one line', () => {
    const run = room(5);
    for (const seq of [3, 4, 5]) run.sent('one', 'c', seq);
    for (const observer of ['x', 'y']) run.observe('one', 'c', 0, observer);
    run.observe('one', 'c', 0);
    run.saw('one', 'c', 1, 2, 3, 4, 5);
    expect(reportLines(run.verdict())).toEqual(['verdict: 3 sent, 3 seen, 0 lost, 0 repeated, 0 reordered']);
  });

  test('[H3] a bad run lists ten violations, and names the first again at the end', () => {
    const run = room(2 * VIOLATIONS_MAX + 40);
    run.observe('one', 'c', 0);
    for (let seq = 2; seq <= 2 * VIOLATIONS_MAX + 40; seq += 2) run.saw('one', 'c', seq);
    const lines = reportLines(run.verdict());
    expect(lines).toHaveLength(12);
    expect(lines[0]).toBe('H3 one/main in c did not see seq 1, and nothing declares why');
    expect(lines[10]).toBe('and 110 more');
    expect(lines[11]).toBe('verdict: FAILED H3 one/main in c did not see seq 1, and nothing declares why');
    expect(run.verdict()).toMatchObject({ lost: 120, violations_total: 120 });
    expect(run.verdict().violations).toHaveLength(VIOLATIONS_MAX);
  });

  test('[H1] control characters of a client_id stay out of the terminal', () => {
    const run = room(3);
    run.acked('one', 'c', 9, 'x\n\u001b[2Jverdict: 1 sent');
    expect(verdictLine(run.verdict())).toBe('verdict: FAILED H1 one: x\\u000a\\u001b[2Jverdict: 1 sent was acked as c seq 9, which the log does not have');
  });
});
