/** What screens write: commands that may be copied into a shell, times, sizes, pages, addresses. */
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logPage } from '../src/explorer/pages.js';
import { bytes, count, roughly, span } from '../src/format/numbers.js';
import { talaria, word } from '../src/format/shell.js';
import { relative } from '../src/format/times.js';
import { ms, wayRows } from '../src/insight/way.js';
import { entryAt, installation, ofApp, shown } from '../src/navigation.js';
import { href, hrefWith, matchPath, placeOf } from '../src/router/match.js';

describe('commands', () => {
  it('name flags once each, leave out what is not given, and repeat lists', () => {
    expect(talaria('connections list', [], { app: 'a_1', user: undefined, final: false, limit: 50 })).toBe('talaria connections list --app a_1 --limit 50');
    expect(talaria('key create', ["Ola's key"], { scope: ['users:read', 'usage:read'], yes: true })).toBe(String.raw`talaria key create 'Ola'\''s key' --scope users:read --scope usage:read --yes`);
  });

  it('hand a shell every word as it was', () => {
    const nasty = ["$(reboot)", '`id`', "a'b", 'a b', '', '--flag', '*', '\n', '"', '\\', 'ä👍', '; rm -rf /', '~'];
    const through = (words: readonly string[]): string => execFileSync('/bin/sh', ['-c', `for each in ${words.map(word).join(' ')}; do printf '%s\\0' "$each"; done`], { encoding: 'utf8' });
    expect(through(nasty).split('\0').slice(0, -1)).toEqual(nasty);
    fc.assert(fc.property(fc.array(fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')), { minLength: 1, maxLength: 20 }), (words) => {
      expect(through(words).split('\0').slice(0, -1)).toEqual(words);
    }), { numRuns: 50 });
  });
});

describe('numbers', () => {
  it('sizes and times have the unit in which they are short', () => {
    expect([0, 1, 1_023, 1_024, 1_536, 5 * 1_024 ** 3].map(bytes)).toEqual(['0 B', '1 B', '1,023 B', '1 KiB', '1.5 KiB', '5 GiB']);
    expect([0, 999, 1_000, 61_000, 3_600_000, 90_000_000, 864_000_000].map(span)).toEqual(['0 ms', '999 ms', '1 s', '1 min 1 s', '1 h', '1 d 1 h', '10 d']);
    expect([0, 61_000, 90_000_000].map(roughly)).toEqual(['0 ms', '1 min', '1 d']);
    expect([0, 0.424, 12.55, 1_250.4].map(ms)).toEqual(['0 ms', '0.42 ms', '12.6 ms', '1,250 ms']);
    expect([0, 0.123, 12.9, 12_345].map(count)).toEqual(['0', '0.12', '13', '12,345']);
    expect([relative(0, 4_999), relative(0, 65_000), relative(7_200_000, 0)]).toEqual(['just now', '1 min ago', 'in 2 h']);
  });
});

describe('pages of a log', () => {
  it('are the newest when none is asked for, and never before what was removed or behind the head', () => {
    expect(logPage(undefined, 120, 0, 50)).toEqual({ afterSeq: 70, older: 20, newer: undefined });
    expect(logPage(0, 120, 0, 50)).toEqual({ afterSeq: 0, older: undefined, newer: 50 });
    expect(logPage(-20, 120, 40, 50)).toEqual({ afterSeq: 40, older: undefined, newer: 70 });
    expect(logPage(Number.NaN, 10, 0, 50)).toEqual({ afterSeq: 0, older: undefined, newer: undefined });
  });

  it('lead through each seq, from either end', () => {
    fc.assert(fc.property(fc.nat(2_000), fc.nat(500), fc.integer({ min: 1, max: 60 }), (head, floor, size) => {
      fc.pre(floor <= head);
      const seen = new Set<number>();
      for (let at: number | undefined = floor; at !== undefined; at = logPage(at, head, floor, size).newer) {
        for (let seq = at + 1; seq <= Math.min(head, at + size); seq += 1) seen.add(seq);
      }
      expect(seen.size).toBe(head - floor);
      for (let at: number | undefined = logPage(undefined, head, floor, size).afterSeq; at !== undefined; at = logPage(at, head, floor, size).older) seen.delete(at + 1);
      if (head > floor) expect(seen.has(floor + 1)).toBe(false);
    }));
  });
});

describe('addresses', () => {
  it('have their parts read back, whatever stands in them', () => {
    fc.assert(fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (id, q) => {
      // Half a character has no place in an address.
      fc.pre(!/\p{Surrogate}/u.test(id + q));
      const url = new URL(href(`/apps/${encodeURIComponent(id)}/users`, { q }), 'http://localhost');
      const place = placeOf(url.pathname, url.search);
      // `.` and `..` are no parts of an address: browsers take them away.
      if (/^\.{1,2}$/.test(id)) return;
      expect(matchPath('/apps/:app/users', place!.path)).toEqual({ app: id });
      expect(place!.query.get('q') ?? '').toBe(q);
    }));
  });

  it('are of the dashboard alone, and lose what is empty', () => {
    expect(placeOf('/dashboards', '')).toBeUndefined();
    expect(placeOf('/dashboard/', '')?.path).toBe('/');
    expect(matchPath('/apps/:app', '/apps/%E0%A4%A')).toBeUndefined();
    expect(hrefWith({ path: '/logs', query: new URLSearchParams('level=warn&after=x') }, { level: null, after: '', node: 'n' })).toBe('/dashboard/logs?node=n');
  });

  it('have an entry in the menu, also those below it; a role sees what it may', () => {
    const groups = [...installation, ofApp('a_1')];
    expect(entryAt(groups, '/dashboard/')).toBe('/dashboard/');
    expect(entryAt(groups, '/dashboard/connections/n_1')).toBe('/dashboard/connections');
    expect(entryAt(groups, '/dashboard/apps/a_1/messages/m_1')).toBe('/dashboard/apps/a_1/conversations');
    expect(entryAt(groups, '/dashboard/apps/a_1/users/u_1')).toBe('/dashboard/apps/a_1/users');
    expect(entryAt(groups, '/dashboard/account')).toBeUndefined();
    expect(shown(groups, (id) => id === 'logs.list').map(({ entries }) => entries.map(({ text }) => text))).toEqual([['Log']]);
  });
});

it('the way of a message is in the order of its times, each from the first', () => {
  const rows = wayRows({
    steps: [{ step: 'committed', node: 'one', at_ms: 1_003, took_ms: 2.5 }, { step: 'read', node: 'one', at_ms: 1_000, took_ms: null }, { step: 'acked', node: 'one', at_ms: 1_005.5, took_ms: null }],
    writes: [{ node: 'two', connection_id: 'n_1', user_id: 'u_1', how: 'live', at_ms: 1_004 }, { node: 'two', connection_id: 'n_2', user_id: 'u_2', how: 'catch_up', at_ms: 1_009 }],
  });
  expect(rows.map(({ what, afterMs, node, connection }) => [what, afterMs, node, connection])).toEqual([
    ['The command was read', 0, 'one', null], ['Committed', 3, 'one', null], ['Written to a connection', 4, 'two', 'n_1'], ['Acked to the sender', 5.5, 'one', null], ['Written while catching up', 9, 'two', 'n_2'],
  ]);
});
