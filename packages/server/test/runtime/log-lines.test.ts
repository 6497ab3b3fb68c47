import { describe, expect, it } from 'vitest';
import { silentLog } from '../../src/runtime/log.js';
import { keepLines, LogLines } from '../../src/runtime/log-lines.js';
import { manualClock } from '../support/manual-clock.js';
import { recordingLog } from '../support/recording-log.js';

describe('the lines that are kept', () => {
  it('are those of the log from info on, the newest first, with the fields of the log that they came through', () => {
    const clock = manualClock();
    const lines = new LogLines(clock);
    const under = recordingLog();
    const log = keepLines(under, lines).with({ worker: 2 });
    log.debug('a.detail');
    log.info('a.thing', { app: 'a_1' });
    clock.advance(10);
    log.warn('b.thing', { user: 'u_1' });
    expect(lines.list({ level: 'info' }, 10).map(({ number, level, event, fields }) => [number, level, event, fields])).toEqual([
      [2, 'warn', 'b.thing', { worker: 2, user: 'u_1' }], [1, 'info', 'a.thing', { worker: 2, app: 'a_1' }],
    ]);
    expect(under.lines.map(({ event }) => event)).toEqual(['a.detail', 'a.thing', 'b.thing']);
    const found = (filter: object) => lines.list({ level: 'info', ...filter }, 10).map(({ number }) => number);
    expect([found({ level: 'warn' }), found({ event: 'a.' }), found({ app: 'a_1' }), found({ user: 'u_1' }), found({ sinceMs: clock.now() })]).toEqual([[2], [1], [1], [2], [2]]);
    expect(lines.list({ level: 'info' }, 10, { timeMs: clock.now(), number: 2 }).map(({ number }) => number)).toEqual([1]);
  });

  it('hold no secret, whatever its name or place, and no text without end', () => {
    const lines = new LogLines(manualClock());
    const log = keepLines(silentLog(), lines);
    log.info('said', { signing_secret: 'abc', reason: `bad key tk_abcd1234_${'0'.repeat(32)} there`, long: 'x'.repeat(10_000), ...Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`f${at}`, at])) });
    const [line] = lines.list({ level: 'info' }, 1);
    expect(line!.fields['signing_secret']).toBe('[hidden]');
    expect(String(line!.fields['reason'])).toBe('bad key tk_abcd[hidden] there');
    expect(String(line!.fields['long'])).toHaveLength(501);
    expect(Object.keys(line!.fields)).toHaveLength(24);
  });

  it('[FLW3] are bounded, and what went wrong is not driven out by what is merely told', () => {
    const lines = new LogLines(manualClock());
    const log = keepLines(silentLog(), lines);
    log.error('broken');
    for (let at = 0; at < 5_000; at += 1) log.info('told', { at });
    expect(lines.list({ level: 'info' }, 10_000)).toHaveLength(1_001);
    expect(lines.list({ level: 'error' }, 10).map(({ event }) => event)).toEqual(['broken']);
  });
});

describe('incidents', () => {
  it('are what went wrong, by event, with the first, the last, how often, and when it was over', () => {
    const clock = manualClock();
    const startMs = clock.now();
    const lines = new LogLines(clock);
    const log = keepLines(silentLog(), lines);
    log.info('node.started');
    log.warn('node.not_ready', { storage: false });
    clock.advance(1_000);
    log.info('node.ready');
    clock.advance(1_000);
    log.warn('loop.stalled', { late_ms: 700 });
    log.warn('loop.stalled', { late_ms: 900 });
    const shown = () => lines.incidents.list().map(({ event, count, firstMs, lastMs, overMs, example }) => ({ event, count, first: firstMs - startMs, last: lastMs - startMs, over: overMs === null ? null : overMs - startMs, example }));
    expect(shown()).toEqual([
      { event: 'loop.stalled', count: 2, first: 2_000, last: 2_000, over: null, example: { late_ms: 900 } },
      { event: 'node.not_ready', count: 1, first: 0, last: 0, over: 1_000, example: { storage: false } },
    ]);
    clock.advance(1_000);
    log.warn('node.not_ready', { storage: true });
    expect(shown()[0]).toEqual({ event: 'node.not_ready', count: 2, first: 0, last: 3_000, over: null, example: { storage: true } });
    expect(lines.incidents.list(startMs + 2_500).map(({ event }) => event)).toEqual(['node.not_ready']);
  });

  it('[FLW3] are of so many kinds, those of longest ago first to go', () => {
    const lines = new LogLines(manualClock());
    const log = keepLines(silentLog(), lines);
    for (let at = 0; at < 500; at += 1) log.warn(`event.${at}`);
    expect(lines.incidents.list()).toHaveLength(200);
    expect(lines.incidents.list()[0]!.event).toBe('event.499');
  });
});
