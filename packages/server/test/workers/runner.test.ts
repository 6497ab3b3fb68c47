/** The runner of consumers: lease, cursor, retries, dead letters; and usage, its first consumer. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Lease, Storage } from '../../src/storage/port.js';
import { createRunner, type Batch, type Consumer } from '../../src/workers/runner.js';
import type { Turns } from '../../src/workers/turns.js';
import { createUsageConsumer } from '../../src/workers/usage.js';
import { manualClock, type ManualClock } from '../support/manual-clock.js';
import { recordingLog, type RecordingLog } from '../support/recording-log.js';
import { openMemoryHarness } from '../storage/memory-harness.js';
import { createWorld, type World } from '../storage/world.js';

interface Page extends Batch {
  readonly seqs: readonly number[];
}

const BOUNDS = { lease_ms: 10_000, poll_ms: 1_000, attempts_max: 3, backoff_ms: 200 };

let storage: Storage;
let world: World;
let clock: ManualClock;
let log: RecordingLog;
let handled: number[];

beforeEach(async () => {
  storage = (await openMemoryHarness()).storage;
  world = createWorld(storage);
  clock = manualClock();
  log = recordingLog();
  handled = [];
});

/** Notes positions; fails for some. */
function notes(fails: (page: Page) => boolean = () => false): Consumer<Page> {
  return {
    name: 'notes', batch_max: 4,
    async read(position, limit) {
      const facts = await storage.factsAfterPosition(position, limit);
      const last = facts.at(-1);
      return last ? { position: last.position, more: facts.length === limit, seqs: facts.map((fact) => fact.position) } : null;
    },
    handle(page, lease: Lease) {
      if (fails(page)) return Promise.reject(new Error('no luck'));
      handled.push(...page.seqs);
      return storage.commitProgress(lease, page.position, []);
    },
  };
}

const runner = (consumer: Consumer<Page>, owner = 'one'): Turns => createRunner(storage, clock, log, consumer, owner, BOUNDS);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);

async function facts(): Promise<number> {
  const [ann, ben] = await world.users(2) as [string, string];
  const group = await world.group(ann, [ben]);
  for (let at = 0; at < 5; at += 1) await world.say(group, ann, `m${at}`);
  return (await storage.info()).position;
}

describe('the runner', () => {
  it('[FLW3] leaves what comes while it works to the next poll: a busy log is not a turn for each fact', async () => {
    const [ann] = await world.users(1) as [string];
    const group = await world.group(ann, []);
    const count = (await storage.info()).position;
    const consumer = notes();
    let turns = 0;
    await runner({
      ...consumer,
      async handle(page, lease) {
        turns += 1;
        // A fact comes in with every turn, for as long as anybody would wait.
        if (turns < 20) await world.say(group, ann, 'meanwhile');
        return consumer.handle(page, lease);
      },
    }).turn();
    expect(turns).toBe(1);
    expect(handled).toEqual(upTo(count));
  });

  it('[CLU2] hands over every fact once, in order, batch by batch, and goes on behind its cursor', async () => {
    const count = await facts();
    await runner(notes()).turn();
    expect(handled).toEqual(upTo(count));
    await runner(notes(), 'one').turn();
    expect(handled).toEqual(upTo(count));
    await world.user();
    await facts();
    await runner(notes()).turn();
    expect(handled).toEqual(upTo((await storage.info()).position));
  });

  it('[CLU2] works only while it holds the lease, and another takes over when that is over', async () => {
    const count = await facts();
    await storage.lease('notes', 'somebody else', clock.now(), 5_000);
    const mine = runner(notes(), 'me');
    await mine.turn();
    expect(handled).toEqual([]);
    clock.advance(5_001);
    await mine.turn();
    expect(handled).toEqual(upTo(count));
  });

  it('tries a batch again, later each time, and no fact is passed over', async () => {
    const count = await facts();
    let failures = 2;
    const mine = runner(notes(() => failures-- > 0));
    await mine.turn();
    expect(handled).toEqual([]);
    clock.advance(399);
    await mine.turn();
    expect(handled).toEqual([]);
    clock.advance(1);
    await mine.turn();
    expect(handled).toEqual([]);
    clock.advance(800);
    await mine.turn();
    expect(handled).toEqual(upTo(count));
    expect(await storage.deadLetters('notes', 10)).toEqual([]);
    expect(log.lines.filter(({ event }) => event === 'consumer.failed')).toHaveLength(2);
  });

  it('a fact that fails for good goes to the dead letters, alone, and the others do not', async () => {
    const count = await facts();
    const mine = runner(notes((page) => page.seqs.includes(3)));
    for (let turn = 0; turn < 12; turn += 1) {
      await mine.turn();
      clock.advance(10_000);
    }
    expect([...handled].sort((left, right) => left - right)).toEqual(upTo(count).filter((position) => position !== 3));
    expect(await storage.deadLetters('notes', 10)).toMatchObject([{ name: 'notes', position: 3, app: world.app, error: 'no luck' }]);
    expect(log.lines.filter(({ event }) => event === 'consumer.dead_letter')).toHaveLength(1);
  });

  it('polls on its clock, one turn at a time, until it is stopped', async () => {
    const mine = runner(notes());
    mine.run();
    const count = await facts();
    clock.advance(1_000);
    await mine.turn();
    expect(handled).toEqual(upTo(count));
    await mine.stop();
    await world.user();
    await facts();
    clock.advance(5_000);
    expect(handled).toEqual(upTo(count));
  });
});

it('usage is what the facts come to, by app and hour', async () => {
  const other = createWorld(storage, 7);
  await facts();
  const ann = await other.user();
  const group = await other.group(ann, []);
  await other.say(group, ann, 'größer als ASCII');
  await createRunner(storage, clock, log, createUsageConsumer(storage), 'one', BOUNDS).turn();
  const all = await storage.factsAfterPosition(0, 1_000);
  for (const { app } of [world, other]) {
    const mine = all.filter((fact) => fact.app === app);
    const rows = await storage.usage(app, 0, Number.MAX_SAFE_INTEGER);
    const sum = (of: (row: (typeof rows)[number]) => number): number => rows.reduce((total, row) => total + of(row), 0);
    expect(sum((row) => row.facts)).toBe(mine.length);
    expect(sum((row) => row.messages)).toBe(mine.filter((fact) => fact.type === 'message.created').length);
    expect(sum((row) => row.bytes)).toBe(mine.reduce((total, fact) => total + Buffer.byteLength(fact.payload), 0));
    expect(rows.every((row) => row.hourMs % 3_600_000 === 0)).toBe(true);
  }
});
