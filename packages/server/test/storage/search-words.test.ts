import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { marksOf, timeMarks } from '../../src/storage/search/marks.js';
import { WORD_CHARS_MAX, wordsOf } from '../../src/storage/search/words.js';

const DAY_MS = 86_400_000;
const folded = (text: string): string[] => wordsOf(text).map((word) => word.folded);

describe('words', () => {
  it('are runs of letters and digits, whatever stands between them', () => {
    expect(folded("Don't e-mail alice@example.com: 3.5 €!")).toEqual(['don', 't', 'e', 'mail', 'alice', 'example', 'com', '3', '5']);
    expect(folded('"- \n …')).toEqual([]);
    expect(folded('snake_case #tag')).toEqual(['snake', 'case', 'tag']);
  });

  it('of scripts without spaces are single characters, with their marks', () => {
    expect(folded('東京tower2')).toEqual(['東', '京', 'tower2']);
    expect(folded('ｶﾞﾑ')).toEqual(folded('ガム'));
    expect(folded('น้ำ')).toHaveLength(2);
  });

  it('are not parted by what nobody sees: soft hyphens, joiners, and the line that Arabic letters are drawn longer with', () => {
    expect(folded('Donau\u00addampf\u00ad\u00adschiff no\u2060break')).toEqual(['donaudampfschiff', 'nobreak']);
    expect(folded('می\u200cخواهم')).toEqual(folded('میخواهم'));
    expect(folded('محـــمد')).toEqual(folded('محمد'));
    expect(folded('\u00adx\u00ad y\u200d')).toEqual(['x', 'y']);
    expect(wordsOf('a\u00ad b').map(({ start, end }) => [start, end])).toEqual([[0, 1], [3, 4]]);
    // The space of no width is a space, such as between words of Thai.
    expect(folded('one\u200btwo')).toEqual(['one', 'two']);
    expect(folded('東\u200d京')).toEqual(['東', '京']);
  });

  it('are cut where they are longer than words are, never inside of a character', () => {
    expect(folded('a'.repeat(500))).toEqual(['a'.repeat(WORD_CHARS_MAX)]);
    const [gothic] = folded(`x${'𐌰'.repeat(100)}`);
    expect(gothic).toBe(`x${'𐌰'.repeat(31)}`);
  });

  it('stand where they say, in order, and hold nothing that a database could take for its own', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      let end = 0;
      for (const word of wordsOf(text)) {
        expect(word.start).toBeGreaterThanOrEqual(end);
        expect(word.end).toBeGreaterThan(word.start);
        ({ end } = word);
        expect(word.folded).toMatch(/^[\p{L}\p{N}\p{M}]+$/u);
        expect(word.folded).not.toMatch(/[\s'"\\#:*()&|!<>-]/);
        // Found by itself, as it stands in the text.
        expect(folded(text.slice(word.start, word.end))).toEqual([word.folded]);
      }
      expect(end).toBeLessThanOrEqual(text.length);
    }), { numRuns: 2_000 });
  });
});

describe('times', () => {
  const moment = fc.integer({ min: 0, max: Date.UTC(2150, 0) });

  it('have a mark of every message of the time', () => {
    fc.assert(fc.property(moment, moment, moment, (one, two, createdMs) => {
      const [from, to] = [Math.min(one, two), Math.max(one, two)];
      const marks = new Set(timeMarks(from, to));
      const of = marksOf({ app: 'a_1', conversation: 'c_1', sender: null, createdMs }, { text: '', data: '' });
      const found = of.some((mark) => marks.has(mark));
      if (createdMs >= from && createdMs < to) expect(found).toBe(true);
      // By days: nothing of another day is named.
      if (createdMs < from - DAY_MS || createdMs >= to + DAY_MS) expect(found).toBe(false);
      expect(marks.size).toBeLessThan(250);
    }), { numRuns: 2_000 });
  });

  it('end where numbers do, and may be empty', () => {
    expect(timeMarks(0, Number.MAX_SAFE_INTEGER).length).toBeLessThan(250);
    expect(timeMarks(5 * DAY_MS, 5 * DAY_MS)).toEqual([]);
    expect(timeMarks(Number.MAX_SAFE_INTEGER, 0)).toEqual([]);
  });
});
