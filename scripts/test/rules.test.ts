import { describe, expect, it } from 'vitest';
import { testNames } from '../lib/test-names.mjs';
import { citedIds, parseSpec } from '../lib/spec-rules.mjs';
import { formatRules, inspectRules } from '../rules.mjs';
import { makeTree, runScript } from './fixture.js';

const names = (text: string) => testNames(text).map(({ name }) => name);

describe('rules in SPEC.md', () => {
  it('reads both forms of a line, and what is left for later', () => {
    const spec = ['- **SND1** An ack', '- ORD2 Order', '* H1 Log', '- **VIS3** (later) Held', '- CNT1 (later): Counting', '  - **FLW1 (later)** Slow'];
    expect(parseSpec(spec.join('\n')).map(({ id, later }) => (later ? `${id} later` : id))).toEqual([
      'SND1', 'ORD2', 'H1', 'VIS3 later', 'CNT1 later', 'FLW1 later',
    ]);
  });

  it('takes nothing else for a rule', () => {
    const spec = ['SND1 no list', '- see SND1', '- `SND1` code', '- Snd1 x', '## SND: sending', '```', '- SND9 fenced', '```', '- SND2 not (later) here'];
    expect(parseSpec(spec.join('\n'))).toEqual([{ id: 'SND2', later: false, line: 9 }]);
  });
});

describe('ids in a name', () => {
  it.each([
    ['[SND1] acks', ['SND1']],
    ['[SND1,ORD4] and [H12]', ['SND1', 'ORD4', 'H12']],
    ['[SND1, ORD4] with a space', ['SND1', 'ORD4']],
    ['[BAD ws.text-frame] is left alone', []],
    ['SND1 without brackets, [0], [a1], []', []],
    // A slip must not pass as silence.
    ['[SND1 ORD4] without a comma', ['SND1 ORD4']],
    ['[SND1,] and nothing', ['SND1', '']],
  ])('%s', (name, ids) => {
    expect(citedIds(name)).toEqual(ids);
  });
});

describe('names of live tests', () => {
  it('reads the usual calls', () => {
    const text = `
      it('one', () => {});
      test("two", async () => {});
      it.only('three', () => {});
      it.concurrent('four', { timeout: 5 }, () => {});
      it.skipIf(x)('five', () => {}, 100);
      it('six', helper);
      it(\`seven\`, () => {});
      it('ei' + 'ght', () => {});
    `;
    expect(names(text)).toEqual(['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight']);
  });

  it('leaves out what does not run or proves nothing', () => {
    const text = `
      // it('a', () => {});
      /* it('b', () => {}); */
      const c = "it('c', () => {})";
      it.skip('d', () => {});
      it.todo('e');
      it('f');
      it(c);
      it('g', { skip: true }, () => {});
      it.fails('h', () => {});
      it.skip.each([1])('i', () => {});
      describe.skip('j', () => { it('k', () => {}); });
      describe('l', { todo: true }, () => { it('m', () => {}); });
      notIt('n', () => {});
      other.it('o', () => {});
    `;
    expect(names(text)).toEqual([]);
  });

  it('puts the names of the groups in front', () => {
    expect(names("describe('[SND1] a', () => { describe('b', () => { it('c', () => {}); }); it('d', () => {}); });")).toEqual([
      '[SND1] a > b > c',
      '[SND1] a > d',
    ]);
  });

  it('works out constants, templates, tables and loops', () => {
    const text = `
      const rule = 'SND1';
      const rows = [{ id: 'ORD1', what: 'a' }, { id: 'ORD2', what: 'b' }] as const;
      it(\`[\${rule}] template\`, () => {});
      it.each([['[RES1] row', 1], ['[RES2] row', 2]])('%s gives %i', () => {});
      it.each\`
        name          | n
        \${'[FLW1] x'} | \${1}
      \`('$name', () => {});
      for (const row of rows) it(\`[\${row.id}] \${row.what}\`, () => {});
      for (const { id } of rows) it(\`[\${id}] again\`, () => {});
      rows.forEach((row) => { it('[' + row.id + '] each', () => {}); });
      describe.each(['[CLU1] bus', '[CLU2] bus'])('%s', () => { it('works', () => {}); });
      it(\`[\${unknown()}] \${rows.length}\`, () => {});
    `;
    const ids = testNames(text).map(({ name }) => citedIds(name).join());
    expect(ids).toEqual(['SND1', 'RES1', 'RES2', 'FLW1', 'ORD1', 'ORD2', 'ORD1', 'ORD2', 'ORD1', 'ORD2', 'CLU1', 'CLU2', '']);
  });

  it('follows test functions under another name', () => {
    const text = `
      import { it as spec } from 'vitest';
      const onPostgres = url ? it : it.skip;
      const never = it.skip;
      const withStore = test.extend({ store: 1 });
      spec('a', () => {}); onPostgres('b', () => {}); never('c', () => {}); withStore('d', () => {});
    `;
    expect(names(text)).toEqual(['a', 'b', 'd']);
  });
});

describe('a repository', () => {
  const spec = '- **SND1** Acks.\n- ORD1 Order.\n- VIS1 (later) Cuts.\n- H1 Log.\n';
  const tree = (files: Record<string, string>) => makeTree({ 'packages/protocol/SPEC.md': spec, ...files });
  const complete = {
    'packages/server/test/send.test.ts': "import './contract.js';\nit('[SND1,ORD1] sends', () => {});\n",
    'packages/server/test/contract.ts': "export const contract = () => { it('[SND1] contract', () => {}); };\n",
    'packages/checker/test/h.test.ts': "it('[H1] [BAD ws.text-frame] log', () => {});\n",
  };

  it('is in order when each due rule is named', () => {
    const result = inspectRules(tree(complete));
    expect(result.findings).toEqual([]);
    expect(formatRules(result)).toEqual([
      'SND1',
      '  packages/server/test/contract.ts',
      '    [SND1] contract',
      '  packages/server/test/send.test.ts',
      '    [SND1,ORD1] sends',
      'ORD1',
      '  packages/server/test/send.test.ts',
      '    [SND1,ORD1] sends',
      'VIS1  later',
      'H1',
      '  packages/checker/test/h.test.ts',
      '    [H1] [BAD ws.text-frame] log',
    ]);
  });

  it('finds a due rule without a test', () => {
    const files = { ...complete, 'packages/checker/test/h.test.ts': "it.skip('[H1] log', () => {});\n" };
    expect(inspectRules(tree(files)).findings).toEqual(['packages/protocol/SPEC.md:4 H1 is due and no test names it']);
  });

  it('finds a test of a rule that does not exist', () => {
    const files = { ...complete, 'packages/sdk/test/a.test.ts': "\nit('[SND7] x', () => {});\n" };
    expect(inspectRules(tree(files)).findings).toEqual([
      'packages/sdk/test/a.test.ts:2 names SND7, which packages/protocol/SPEC.md does not have',
    ]);
  });

  it('does not count a helper that no test file imports', () => {
    const files = { ...complete, 'packages/server/test/send.test.ts': "it('[ORD1] sends', () => {});\n" };
    expect(inspectRules(tree(files)).findings).toEqual(['packages/protocol/SPEC.md:1 SND1 is due and no test names it']);
  });

  it('refuses two definitions of one rule', () => {
    const root = tree({ ...complete, 'packages/protocol/SPEC.md': `${spec}- SND1 Again.\n` });
    expect(inspectRules(root).findings).toEqual(['packages/protocol/SPEC.md:5 SND1 is defined twice']);
  });

  it('refuses a SPEC without rules', () => {
    expect(inspectRules(makeTree({})).findings).toEqual(['packages/protocol/SPEC.md: no rules found']);
  });

  it('fits 80 columns', () => {
    const long = { ...complete, 'packages/server/test/long.test.ts': `it('[SND1] ${'long '.repeat(40)}', () => {});\n` };
    const widths = formatRules(inspectRules(tree(long))).map((line) => line.length);
    expect(Math.max(...widths)).toBe(80);
  });

  it('exits 0 or 1', () => {
    const good = runScript('rules.mjs', [tree(complete)]);
    expect([good.code, good.lines.at(-1)]).toEqual([0, '4 rules: 3 due, 3 of them tested; 1 later']);
    const bad = runScript('rules.mjs', [tree({})]);
    expect(bad.code).toBe(1);
    expect(bad.lines).toContain('SND1  NO TEST');
    expect(bad.lines.at(-1)).toBe('packages/protocol/SPEC.md:4 H1 is due and no test names it');
  });
});
