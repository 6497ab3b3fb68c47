/** Search in many messages, beside what finds words without an index: `LIKE` over the same rows of the same file. */
import Database from 'better-sqlite3';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from '../clock.js';
import { percentile } from '../percentile.js';
import type { Rig } from '../rig.js';
import { dice, spokenRank, spokenWord } from '../spoken-text.js';
import { portOf } from '../subject.js';
import { scenario } from './scenario.js';

const SENDERS = 4;
const ROOMS = 1_000;
const IN_FLIGHT = 2_048;
const FOUND = 50;
/** The shortest beginning that may be asked for. */
const TYPED_CHARS = 2;
const INDEX_POLL_MS = 50;
const LAG_POLL_MS = 250;
/** Ends that never come are a mistake, not a figure. */
const INDEX_MS_MAX = 600_000;
/** Of the slow one, so that a round ends. */
const LIKE_QUESTIONS = 60;

export const search = scenario('search', ['talaria-search'], ({ quick, progress }) => [quick ? 100_000 : 1_000_000].map((messages) => ({
  params: { messages },
  async measure(rig) {
    await rig.prepare({ clients: SENDERS, senders: SENDERS, rooms: Array.from({ length: ROOMS }, () => []) });
    await rig.connectBursts(0, SENDERS);
    await rig.measure({ kind: 'fill', messages, rooms: ROOMS, in_flight: IN_FLIGHT, spoken: true });
    await rig.stop();
    for (const file of indexFiles(rig)) rmSync(file, { force: true });
    await rig.startAgain();
    progress(`search, ${messages} messages are indexed`);
    const index_per_s = await indexed(rig, messages);
    const index_bytes = indexFiles(rig).reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
    progress('search, questions');
    const questions = quick ? 200 : 1_000;
    const own = await asked(questions, (words) => ask(rig, words));
    // What a field asks that searches while one types.
    const typed = await asked(questions, ([word = '']) => ask(rig, [word.slice(0, TYPED_CHARS)], true));
    const like = openLike(rig);
    const other = await asked(LIKE_QUESTIONS, (words) => Promise.resolve(like.ask(words)));
    like.close();
    await rig.connect(0, SENDERS);
    const lags: number[] = [];
    const sent = new AbortController();
    const watch = lagsUntil(rig, sent.signal, lags);
    const send = await rig.measure({ kind: 'send', senders: SENDERS, in_flight: 16, rooms: ROOMS, warm_ms: 1_000, run_ms: quick ? 3_000 : 10_000 });
    sent.abort();
    await watch;
    return {
      index_per_s, index_bytes_per_message: index_bytes / messages, p50_ms: own.p50_ms, p99_ms: own.p99_ms, prefix_p50_ms: typed.p50_ms, prefix_p99_ms: typed.p99_ms, like_p50_ms: other.p50_ms, like_p99_ms: other.p99_ms,
      like_ratio_p99: other.p99_ms / own.p99_ms, sends_per_s: (send.result.done / send.result.elapsed_ms) * 1_000, lag_p99_ms: percentile(lags, 0.99) * 1_000,
    };
  },
})));

const indexFiles = (rig: Rig): readonly string[] => ['', '-wal', '-shm'].map((end) => join(rig.data, `talaria-search.db${end}`));

/** Waits until all messages are indexed. @returns how many a second */
async function indexed(rig: Rig, messages: number): Promise<number> {
  const sinceMs = performance.now();
  for (;;) {
    if (await metric(rig, 'talaria_search_indexed_total') >= messages) return (messages / (performance.now() - sinceMs)) * 1_000;
    if (performance.now() - sinceMs > INDEX_MS_MAX) throw new Error('the messages were not indexed in time');
    await sleep(INDEX_POLL_MS);
  }
}

async function lagsUntil(rig: Rig, end: AbortSignal, lags: number[]): Promise<void> {
  while (!end.aborted) {
    lags.push(await metric(rig, 'talaria_search_lag_seconds'));
    await sleep(LAG_POLL_MS);
  }
}

async function metric(rig: Rig, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${portOf(rig.target, 0)}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

/** One or two words each, as frequent as they are in the texts; the same questions for whoever is asked. */
async function asked(count: number, answer: (words: readonly string[]) => Promise<number>): Promise<{ readonly p50_ms: number; readonly p99_ms: number }> {
  const roll = dice(4_242);
  const latencies: number[] = [];
  let found = 0;
  for (let at = 0; at < count; at += 1) {
    const words = Array.from({ length: 1 + (at % 2) }, () => spokenWord(spokenRank(roll)));
    const sinceMs = performance.now();
    found += await answer(words);
    latencies.push(performance.now() - sinceMs);
  }
  if (found === 0) throw new Error('nothing was found');
  return { p50_ms: percentile(latencies, 0.5), p99_ms: percentile(latencies, 0.99) };
}

/** As a user who is in all rooms, over HTTP. */
async function ask(rig: Rig, words: readonly string[], prefix = false): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${portOf(rig.target, 0)}/v1/search/messages`, {
    method: 'POST', headers: { authorization: `Bearer ${rig.target.tokens[0]}`, 'content-type': 'application/json' }, body: JSON.stringify({ q: words.join(' '), prefix, limit: FOUND }),
  });
  if (!response.ok) throw new Error(`search answered ${response.status}`);
  return ((await response.json()) as { readonly items: readonly unknown[] }).items.length;
}

function openLike(rig: Rig): { ask(words: readonly string[]): number; close(): void } {
  const db = new Database(join(rig.data, 'talaria.db'), { readonly: true });
  const like = (words: number): string => `SELECT payload FROM events WHERE message > 0 ${'AND payload LIKE ? '.repeat(words)}ORDER BY position DESC LIMIT ${FOUND}`;
  const statements = [db.prepare(like(1)), db.prepare(like(2))] as const;
  return { ask: (words) => statements[words.length === 1 ? 0 : 1].all(...words.map((word) => `%${word}%`)).length, close: () => void db.close() };
}
