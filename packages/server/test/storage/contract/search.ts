import { describe, expect, it } from 'vitest';
import type { PlacesQuery, SearchState } from '../../../src/storage/search/port.js';
import { idMark, keyMark, linkMark, timeMarks } from '../../../src/storage/search/marks.js';
import { wordsOf } from '../../../src/storage/search/words.js';
import type { OpenHarness } from '../harness.js';
import type { World } from '../world.js';
import { useStage } from './stage.js';

const DAY_MS = 86_400_000;
const words = (text: string): string[] => wordsOf(text).map(({ folded }) => folded);

/** Brings the index to the end of the log, which may have to wait for a transaction that is not ours, such as the database's own (CLU3). */
async function catchUp({ storage }: World, limit = 1_000): Promise<void> {
  do while ((await storage.indexMessages({ nowMs: 0, limit, sweep: 0 })).more);
  while ((await storage.searchState(Number.MAX_SAFE_INTEGER)).behindMs > 0);
}

async function ask(world: World, query: Partial<PlacesQuery>): Promise<{ readonly seqs: readonly number[]; readonly next: number | null; readonly conversations: readonly string[] }> {
  const page = await world.storage.searchPlaces({ app: world.app, viewer: null, phrases: [], marks: [], before: null, limit: 100, ...query });
  return { seqs: page.places.map(({ seq }) => seq), next: page.next, conversations: page.places.map(({ conversation }) => conversation) };
}

const has = (text: string, prefix = false): Pick<PlacesQuery, 'phrases'> => ({ phrases: [{ words: words(text), prefix }] });

/** The index of words: derived from the log, behind it, and never of another app. */
export function searchContract(open: OpenHarness): void {
  describe('search', () => {
    const stage = useStage(open);

    async function talk(world: World, ...texts: readonly string[]): Promise<{ readonly ann: string; readonly group: string; readonly seqs: readonly number[] }> {
      const ann = await world.user();
      const group = await world.group(ann, []);
      const seqs: number[] = [];
      for (const text of texts) seqs.push(await world.say(group, ann, text));
      return { ann, group, seqs };
    }

    it('finds words, the newest first, in pages', async () => {
      const world = stage.world();
      const { seqs } = await talk(world, 'red apple', 'green pear', 'red pear', 'apples', 'Red APPLE pie');
      await catchUp(world);
      expect((await ask(world, has('apple'))).seqs).toEqual([seqs[4], seqs[0]]);
      expect((await ask(world, { phrases: [{ words: ['red'], prefix: false }, { words: ['pear'], prefix: false }] })).seqs).toEqual([seqs[2]]);
      expect((await ask(world, has('appl', true))).seqs).toEqual([seqs[4], seqs[3], seqs[0]]);
      expect((await ask(world, has('nothing'))).seqs).toEqual([]);
      const walked: number[] = [];
      let before: number | null = null;
      do {
        const page = await world.storage.searchPlaces({ app: world.app, viewer: null, marks: [], limit: 2, before, ...has('red') });
        walked.push(...page.places.map(({ seq }) => seq));
        before = page.next;
      } while (before !== null);
      expect(walked).toEqual([seqs[4], seqs[2], seqs[0]]);
    });

    it('finds phrases where their words stand one behind the other', async () => {
      const world = stage.world();
      const { seqs } = await talk(world, 'to be or not to be', 'be to', 'to the bees', 'or not');
      await catchUp(world);
      expect((await ask(world, has('to be'))).seqs).toEqual([seqs[0]]);
      expect((await ask(world, has('be to'))).seqs).toEqual([seqs[1]]);
      expect((await ask(world, has('not to b', true))).seqs).toEqual([seqs[0]]);
      expect((await ask(world, has('the be', true))).seqs).toEqual([seqs[2]]);
    });

    it('finds a phrase in a text that says its words hundreds of times', async () => {
      const world = stage.world();
      const { seqs } = await talk(world, `${'spam '.repeat(1_500)} lovely spam`, 'wonderful spam');
      await catchUp(world);
      expect((await ask(world, has('lovely spam'))).seqs).toEqual([seqs[0]]);
      expect((await ask(world, has('spam lovely spam'))).seqs).toEqual([seqs[0]]);
      expect((await ask(world, has('wonderful spam'))).seqs).toContain(seqs[1]);
    });

    it('folds case, diacritics and forms the same way for every database', async () => {
      const world = stage.world();
      const pairs = [
        ['Ünïcödé', 'unicode'], ['Straße', 'STRASSE'], ['ΣΊΣΥΦΟΣ', 'σίσυφος'], ['ﬁnance', 'finance'], ['Ｆｕｌｌ', 'full'], ['東京都に行く', '京都'], ['ガム', 'ｶﾞﾑ'], ['서울역', '서울역'], ['हिन्दी भाषा', 'हिन्दी'],
        ['ภาษาไทย', 'ไทย'], ['ёлка', 'елка'], ['مَرْحَبًا', 'مرحبا'], ['İstanbul', 'istanbul'], ['x2', 'X2'], ['Donau\u00addampf', 'donaudampf'],
      ] as const;
      const { seqs } = await talk(world, ...pairs.map(([text]) => text));
      await catchUp(world);
      for (const [at, [, question]] of pairs.entries()) expect([question, (await ask(world, has(question))).seqs]).toEqual([question, [seqs[at]]]);
      // A letter with its voicing is another letter.
      expect((await ask(world, has('カム'))).seqs).toEqual([]);
      expect((await ask(world, has('都京'))).seqs).toEqual([]);
    });

    it('takes no word for its own language', async () => {
      const world = stage.world();
      const { seqs } = await talk(world, 'and or not near', 'words marks', 'cut null');
      await catchUp(world);
      expect((await ask(world, has('AND OR NOT'))).seqs).toEqual([seqs[0]]);
      expect((await ask(world, has('marks'))).seqs).toEqual([seqs[1]]);
      expect((await ask(world, has('cut'))).seqs).toEqual([seqs[2]]);
      expect((await ask(world, has(idMark(world.app)))).seqs).toEqual([]);
      expect((await ask(world, has(idMark(world.app).slice(0, 4), true))).seqs).toEqual([]);
    });

    it('finds by conversation, sender, time, links and data', async () => {
      const world = stage.world();
      const { ann, group, seqs } = await talk(world, 'see https://example.com/x', 'see nothing');
      const other = await talk(world, 'see');
      const withData = (await world.done(world.message({ user: ann, conversation: group, text: '', data: '{"attachment":{"size":1}}' }))).seq;
      const bySystem = await world.say(group, null, 'see to it');
      await catchUp(world);
      expect((await ask(world, { ...has('see'), marks: [[idMark(group)]] })).seqs).toEqual([bySystem, seqs[1], seqs[0]]);
      expect((await ask(world, { ...has('see'), marks: [[idMark(group), idMark(other.group)]] })).seqs).toHaveLength(4);
      expect((await ask(world, { ...has('see'), marks: [[idMark(other.ann)]] })).conversations).toEqual([other.group]);
      expect((await ask(world, { marks: [[idMark(ann)], [linkMark]] })).seqs).toEqual([seqs[0]]);
      expect((await ask(world, { marks: [[keyMark('attachment')]] })).seqs).toEqual([withData]);
      expect((await ask(world, { marks: [[keyMark('Attachment')]] })).seqs).toEqual([]);
      const [message] = await world.storage.messagesAt(world.app, null, [{ conversation: group, seq: seqs[0]! }]);
      const at = message!.createdMs;
      expect((await ask(world, { ...has('see'), marks: [[idMark(group)], timeMarks(at, at + 1)] })).seqs).toContain(seqs[0]);
      expect((await ask(world, { ...has('see'), marks: [timeMarks(0, Math.floor(at / DAY_MS) * DAY_MS)] })).seqs).toEqual([]);
      expect((await ask(world, { ...has('see'), marks: [timeMarks((Math.floor(at / DAY_MS) + 2) * DAY_MS, Number.MAX_SAFE_INTEGER)] })).seqs).toEqual([]);
    });

    it('[VIS4] forgets what was edited away and what was deleted', async () => {
      const world = stage.world();
      const { ann, group, seqs } = await talk(world, 'first wording', 'to be deleted', 'edited and deleted');
      await catchUp(world);
      expect((await ask(world, has('wording'))).seqs).toEqual([seqs[0]]);
      await world.edit(group, ann, seqs[0]!, 'second version');
      await world.remove(group, ann, seqs[1]!);
      await world.edit(group, ann, seqs[2]!, 'changed');
      await world.remove(group, ann, seqs[2]!);
      await catchUp(world);
      for (const gone of ['wording', 'deleted', 'changed']) expect((await ask(world, has(gone))).seqs).toEqual([]);
      expect((await ask(world, has('second'))).seqs).toEqual([seqs[0]]);
    });

    it('gives the same whatever the steps in which it was made', async () => {
      const world = stage.world();
      const { ann, group, seqs } = await talk(world, 'one step', 'two steps', 'three step');
      await world.edit(group, ann, seqs[1]!, 'one step more');
      await world.remove(group, ann, seqs[2]!);
      await catchUp(world, 1);
      expect((await ask(world, has('step'))).seqs).toEqual([seqs[1], seqs[0]]);
      await world.storage.rebuildSearch(0);
      await catchUp(world, 3);
      expect((await ask(world, has('step'))).seqs).toEqual([seqs[1], seqs[0]]);
    });

    it('[ISO1] never answers with a message of another app', async () => {
      const [world, other] = [stage.world(), stage.world()];
      const here = await talk(world, 'the same secret');
      const there = await talk(other, 'the same secret');
      await catchUp(world);
      expect((await ask(world, has('secret'))).conversations).toEqual([here.group]);
      expect((await ask(world, { ...has('secret'), marks: [[idMark(there.group)]] })).conversations).toEqual([]);
      expect((await ask(world, { ...has('secret'), viewer: there.ann })).conversations).toEqual([]);
      expect((await ask(other, has('secret'))).conversations).toEqual([there.group]);
    });

    it('[ISO2,ISO3] answers a user with conversations that they are in, or were', async () => {
      const world = stage.world();
      const { ann, group } = await talk(world, 'hello');
      const ben = await world.user();
      const left = await world.group(ann, [ben]);
      await world.say(left, ben, 'hello');
      await world.leave(left, ben);
      await catchUp(world);
      expect((await ask(world, { ...has('hello'), viewer: ben })).conversations).toEqual([left]);
      expect((await ask(world, { ...has('hello'), viewer: ann })).conversations).toEqual([left, group]);
      expect((await ask(world, { ...has('hello'), viewer: await world.user() })).conversations).toEqual([]);
    });

    it('[ISO2] answers users of many conversations as well', async () => {
      const world = stage.world();
      const [ann, ben] = await world.users(2) as [string, string];
      const groups: string[] = [];
      for (let at = 0; at < 205; at += 1) groups.push(await world.group(ann, at % 2 === 0 ? [ben] : []));
      const foreign = await talk(world, 'needle');
      await world.say(groups[0]!, ann, 'needle');
      await world.say(groups[1]!, ann, 'needle');
      await world.say(groups[204]!, ann, 'needle');
      await catchUp(world);
      expect((await ask(world, { ...has('needle'), viewer: ann })).conversations).toEqual([groups[204], groups[1], groups[0]]);
      expect((await ask(world, { ...has('needle'), viewer: ben })).conversations).toEqual([groups[204], groups[0]]);
      expect((await ask(world, { ...has('needle'), viewer: foreign.ann })).conversations).toEqual([foreign.group]);
    });

    it('answers from the old index while the new one is made, and loses nothing of what comes meanwhile', async () => {
      const world = stage.world();
      const { storage } = world;
      const { ann, group, seqs } = await talk(world, 'kept', 'kept');
      await catchUp(world);
      const before = await storage.searchState(0);
      expect((await storage.rebuildSearch(0)).building).toEqual({ position: 0 });
      // Whoever asks again does not begin again.
      const step = await storage.indexMessages({ nowMs: 0, limit: 2, sweep: 0 });
      expect(step.more).toBe(true);
      expect((await storage.rebuildSearch(0)).building).toEqual(step.building);
      expect((await ask(world, has('kept'))).seqs).toEqual([seqs[1], seqs[0]]);
      const said = await world.say(group, ann, 'kept');
      await world.remove(group, ann, seqs[0]!);
      let state: SearchState & { readonly more: boolean };
      do {
        state = await storage.indexMessages({ nowMs: 0, limit: 2, sweep: 0 });
        if (!state.more) break;
      } while (state.building !== null);
      await catchUp(world);
      expect((await storage.searchState(0)).generation).toBe(before.generation + 1);
      expect((await ask(world, has('kept'))).seqs).toEqual([said, seqs[1]]);
      // The place of the old one is emptied, and used for the next.
      await storage.indexMessages({ nowMs: 600_000, limit: 10, sweep: 0 });
      await storage.rebuildSearch(0);
      await catchUp(world);
      expect((await storage.searchState(0)).generation).toBe(before.generation + 2);
      expect((await ask(world, has('kept'))).seqs).toEqual([said, seqs[1]]);
    });

    it('says how far it is behind', async () => {
      const world = stage.world();
      await catchUp(world);
      const before = await world.storage.searchState(0);
      expect(before.behindMs).toBe(0);
      const { group, seqs } = await talk(world, 'late');
      const [first] = await world.facts(group, null);
      const state = await world.storage.searchState(first!.timeMs + 700);
      // The first fact that is not in the index may be of the user's own stream, in the same moment.
      expect(state.behindMs).toBeGreaterThanOrEqual(700);
      expect(state.behindMs).toBeLessThan(60_000);
      expect(state.position).toBe(before.position);
      const progress = await world.storage.indexMessages({ nowMs: first!.timeMs + 700, limit: 100, sweep: 0 });
      expect(progress).toMatchObject({ indexed: 1, behindMs: 0, building: null });
      expect(progress.position).toBe((await world.storage.info()).position);
      expect((await ask(world, has('late'))).seqs).toEqual(seqs);
    });

    it('[VIS5] forgets what retention has removed, and apps that are gone', async () => {
      const world = stage.world();
      const { group, ann, seqs } = await talk(world, 'old', 'old');
      await catchUp(world);
      const facts = await world.facts(group, null);
      const after = facts.find(({ seq }) => seq === seqs[0])!.timeMs + 1;
      await world.storage.applyRetention(world.app, after, 500);
      for (let round = 0; round < 40; round += 1) await world.storage.indexMessages({ nowMs: 0, limit: 100, sweep: 1_000 });
      expect((await ask(world, has('old'))).seqs).toEqual([seqs[1]]);
      expect(await world.storage.messagesAt(world.app, null, [{ conversation: group, seq: seqs[0]! }, { conversation: group, seq: seqs[1]! }])).toMatchObject([null, { seq: seqs[1] }]);
      await world.storage.deleteApp(world.app);
      await world.storage.indexMessages({ nowMs: 0, limit: 100, sweep: 1_000 });
      expect((await ask(world, has('old'))).seqs).toEqual([]);
      expect((await ask(world, { ...has('old'), viewer: ann })).seqs).toEqual([]);
    });

    it('[ISO2,ISO3] reads several messages as the viewer sees them, in the order asked for', async () => {
      const world = stage.world();
      const { ann, group, seqs } = await talk(world, 'before', 'middle');
      const ben = await world.user();
      await world.join(group, ann, ben);
      const later = await world.say(group, ann, 'later');
      const places = [later, 9_999, seqs[0]!, seqs[1]!].map((seq) => ({ conversation: group, seq }));
      const seen = async (viewer: string | null) => (await world.storage.messagesAt(world.app, viewer, places)).map((one) => one?.seq ?? null);
      expect(await seen(null)).toEqual([later, null, seqs[0], seqs[1]]);
      expect(await seen(ben)).toEqual([later, null, null, null]);
      expect(await seen(await world.user())).toEqual([null, null, null, null]);
      expect(await world.storage.messagesAt(world.app, ann, [])).toEqual([]);
    });
  });
}
