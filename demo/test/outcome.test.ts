import type { LoggedFact, Verdict } from '@talaria/checker';
import { expect, test } from 'vitest';
import type { ClientEnd } from '../src/client/orders.js';
import { outcomeOf, type Evidence } from '../src/outcome.js';
import type { AppStage } from '../src/stage.js';
import type { Told } from '../src/story.js';

const file = Buffer.from('one\ntwo\n');
const end = (sender: string, text = 'one\ntwo\n'): ClientEnd => {
  return { received: [{ sender, text }], lastFact: { seq: 9, type: 'message.created' }, removedAtSeq: undefined, foreign: 0, problem: undefined };
};
const app = (name: string): AppStage => ({ name, canary: `only ${name}`, actor: (user: string) => ({ name: user, id: `u_${user}`, token: '' }) }) as unknown as AppStage;
const log = (text: string): LoggedFact[] => [{ seq: 10, body: { text } } as unknown as LoggedFact];
const told: Told = {
  cuts: 5, connectionsCut: 20, kills: 1, unackedAtKill: 3, committedAtKill: 2, duplicatesOfKill: 2, duplicates: 9, carolLeftSeq: 7,
  ends: { alice: end('u_bob'), bob: end('u_alice'), carol: { ...end(''), lastFact: { seq: 7, type: 'member.left' }, removedAtSeq: 7 }, stranger: end('') },
};
const verdict: Verdict = {
  verdict: 'ok', sent: 4, seen: 12, lost: 0, repeated: 0, reordered: 0, unknowns_resolved: 2, duplicates: 2, violations_total: 0, violations: [],
};
const evidence: Evidence = {
  file, fileName: 'two-lines', told, a: app('A'), b: app('B'), logA: log('only A'), logB: log('only B'), probes: { made: 4, refused: 4 }, verdict, elapsedMs: 1_000,
};
const lastLine = (changes: Partial<Evidence>): string | undefined => outcomeOf({ ...evidence, ...changes }).lines.at(-1);
const tell = (changes: Partial<Told>): Partial<Evidence> => ({ told: { ...told, ...changes } });

test('a good run ends with the verdict of the checker', () => {
  expect(outcomeOf(evidence)).toMatchObject({ verdict: 'ok' });
  expect(lastLine({})).toBe('verdict: 4 sent, 12 seen, 0 lost, 0 repeated, 0 reordered');
});

test('a run in which nothing was at stake is unknown', () => {
  expect(lastLine(tell({ unackedAtKill: 0, duplicatesOfKill: 0 }))).toBe('verdict: unknown (no command was unacked at the kill)');
  expect(lastLine(tell({ duplicatesOfKill: 0 }))).toBe('verdict: unknown (no command that was unacked at the kill was answered as a duplicate)');
});

test.each<readonly [string, Partial<Evidence>, RegExp]>([
  ['other bytes', tell({ ends: { ...told.ends, bob: end('u_alice', 'one\ntwO\n') } }), /what bob got from alice is not the file: byte 6 differs/],
  ['missing bytes', tell({ ends: { ...told.ends, alice: end('u_bob', 'one\n') } }), /what alice got from bob is not the file: byte 4 differs/],
  ['carol sees more', tell({ carolLeftSeq: 6 }), /carol/],
  ['a text in the wrong log', { logB: log('only A, only B') }, /a text of one app is in the log of the other/],
  ['a text in the wrong client', tell({ ends: { ...told.ends, stranger: { ...end(''), foreign: 1 } } }), /stranger got 1 facts/],
  ['an attempt that was not refused', { probes: { made: 4, refused: 3 } }, /1 of 4 attempts/],
])('a failure that the histories do not show: %s', (_name, changes, line) => {
  expect(outcomeOf({ ...evidence, ...changes }).verdict).toBe('failed');
  expect(lastLine(changes)).toMatch(line);
  expect(lastLine(changes)).toMatch(/^verdict: FAILED /);
});

test('what the checker finds comes first', () => {
  const failed: Verdict = { ...verdict, verdict: 'failed', violations_total: 1, violations: [{ rule: 'H3', text: 'bob did not see seq 4' }] };
  expect(lastLine({ verdict: failed })).toMatch(/^verdict: FAILED H3 /);
});
