import { describe, expect, it } from 'vitest';
import { checkTree, formatFinding } from '../check-imports.mjs';
import { makeTree, runScript } from './fixture.js';

const PACKAGES = {
  'packages/protocol/package.json': { name: '@talaria/protocol', exports: { '.': './dist/index.js', './codec': './dist/codec.js' } },
  'packages/sdk/package.json': { name: '@talaria/sdk', exports: { '.': './dist/index.js' } },
  'packages/server/package.json': { name: '@talaria/server', exports: { '.': './dist/main.js' } },
  'packages/cli/package.json': { name: 'talaria', bin: './bin/talaria.js' },
  'packages/checker/package.json': { name: '@talaria/checker', exports: { '.': './dist/index.js' } },
};

/** The findings of a tree of these files beside the usual packages. */
function findingsOf(files: Record<string, string>): string[] {
  return checkTree(makeTree({ ...PACKAGES, ...files })).map(formatFinding);
}

/** The findings of one server file that imports another one. */
function serverImport(from: string, to: string): string[] {
  const depth = from.split('/').length - 1;
  const specifier = `${'../'.repeat(depth) || './'}${to.replace(/\.ts$/, '.js')}`;
  return findingsOf({
    [`packages/server/src/${from}`]: `import { x } from '${specifier}';\nexport const y = x;\n`,
    [`packages/server/src/${to}`]: 'export const x = 1;\n',
  });
}

describe('package order', () => {
  it.each([
    ['sdk', '@talaria/protocol'],
    ['server', '@talaria/protocol/codec'],
    ['cli', '@talaria/server'],
    ['cli', '@talaria/sdk'],
    ['checker', '@talaria/protocol'],
  ])('lets %s import %s', (folder, name) => {
    expect(findingsOf({ [`packages/${folder}/src/runtime/a.ts`]: `import { x } from '${name}';\n` })).toEqual([]);
  });

  it.each([
    ['protocol', '@talaria/sdk', 'protocol may not import sdk'],
    ['sdk', '@talaria/server', 'sdk may not import server'],
    ['server', '@talaria/sdk', 'server may not import sdk'],
    ['checker', '@talaria/server', 'checker may not import server'],
    ['sdk', '@talaria/sdk', 'sdk imports itself by name'],
  ])('refuses %s importing %s', (folder, name, message) => {
    const file = `packages/${folder}/src/runtime/a.ts`;
    expect(findingsOf({ [file]: `\nimport { x } from '${name}';\n` })).toEqual([`${file}:2 package-order ${message}`]);
  });

  it.each([
    ['a type import', "import type { X } from '@talaria/sdk';"],
    ['an import type', "export type Y = import('@talaria/sdk').X;"],
    ['a dynamic import', "export const y = import('@talaria/sdk');"],
    ['a re-export', "export { x } from '@talaria/sdk';"],
    ['a require', "export const y = require('@talaria/sdk');"],
  ])('sees %s', (_, line) => {
    expect(findingsOf({ 'packages/server/src/domain/a.ts': line })).toEqual([
      'packages/server/src/domain/a.ts:1 package-order server may not import sdk',
    ]);
  });

  it('does not take a comment or a text for an import', () => {
    const text = "// import '@talaria/sdk';\nexport const x = \"import '@talaria/sdk'\";\n";
    expect(findingsOf({ 'packages/server/src/domain/a.ts': text })).toEqual([]);
  });

  it('refuses a package that nobody has placed', () => {
    expect(findingsOf({ 'packages/extra/package.json': '{"name":"@talaria/extra"}' })).toEqual([
      'packages/extra/package.json:1 package-order extra has no place in the order of packages',
    ]);
  });
});

describe('deep imports', () => {
  it.each([
    ['@talaria/protocol/src/ids.js', 'is not an entry point of @talaria/protocol'],
    ['../../protocol/src/ids.js', 'leaves the package'],
    ['../test/helper.js', 'leaves src'],
    ['#ids', 'import by relative path or package name'],
  ])('refuses %s', (specifier, message) => {
    const [finding, ...more] = findingsOf({ 'packages/sdk/src/a.ts': `import { x } from '${specifier}';\n` });
    expect(finding).toContain('packages/sdk/src/a.ts:1 deep-import');
    expect(finding).toContain(message);
    expect(more).toEqual([]);
  });

  it('lets a package read its own package.json', () => {
    expect(findingsOf({ 'packages/cli/src/a.ts': "const { version } = require('../package.json');\n" })).toEqual([]);
  });

  it('holds demo and examples to entry points', () => {
    const found = findingsOf({
      'demo/package.json': '{}',
      'demo/src/ok.ts': "import '@talaria/sdk';\nimport './other.js';\n",
      'demo/src/deep.ts': "import '@talaria/sdk/src/x.js';\n",
      'demo/src/relative.ts': "import '../../packages/sdk/src/x.js';\n",
      'examples/echo/main.ts': "import '../../packages/sdk/dist/index.js';\n",
    });
    expect(found).toEqual([
      'demo/src/deep.ts:1 deep-import @talaria/sdk/src/x.js is not an entry point of @talaria/sdk',
      'demo/src/relative.ts:1 deep-import ../../packages/sdk/src/x.js leaves demo',
      'examples/echo/main.ts:1 deep-import ../../packages/sdk/dist/index.js leaves examples/echo',
    ]);
  });
});

describe('rooms of the server', () => {
  it.each([
    ['main.ts', 'storage/sqlite/store.ts'],
    ['main.ts', 'server.ts'],
    ['sqlite-worker.ts', 'storage/sqlite/store.ts'],
    ['server.ts', 'gateway/session.ts'],
    ['transport/uws.ts', 'gateway/port.ts'],
    ['transport/uws.ts', 'gateway/transport-port.ts'],
    ['transport/uws.ts', 'transport/upgrade.ts'],
    ['transport/node.ts', 'runtime/clock.ts'],
    ['gateway/feed.ts', 'bus/port.ts'],
    ['http/routes.ts', 'domain/messages/send.ts'],
    ['domain/messages/send.ts', 'domain/limits/take.ts'],
    ['domain/messages/send.ts', 'storage/port.ts'],
    ['storage/sqlite/store.ts', 'storage/port.ts'],
    ['storage/sqlite/store.ts', 'storage/sqlite/rows.ts'],
    ['bus/local.ts', 'runtime/log.ts'],
    // A wake-up carries committed facts, so the bus knows their rows.
    ['bus/port.ts', 'storage/rows.ts'],
  ])('lets %s import %s', (from, to) => {
    expect(serverImport(from, to)).toEqual([]);
  });

  it.each([
    ['server.ts', 'main.ts', 'room'],
    ['gateway/feed.ts', 'server.ts', 'room'],
    ['gateway/feed.ts', 'transport/uws.ts', 'driver'],
    ['http/routes.ts', 'gateway/session.ts', 'room'],
    ['domain/messages/send.ts', 'http/routes.ts', 'room'],
    ['domain/messages/send.ts', 'workers/run.ts', 'room'],
    ['domain/messages/send.ts', 'storage/sqlite/store.ts', 'driver'],
    ['domain/messages/send.ts', 'bus/local.ts', 'driver'],
    ['storage/port.ts', 'domain/messages/send.ts', 'room'],
    ['storage/port.ts', 'storage/memory/store.ts', 'driver'],
    ['storage/memory/store.ts', 'storage/sqlite/rows.ts', 'driver'],
    ['storage/port.ts', 'bus/port.ts', 'room'],
    ['runtime/log.ts', 'storage/port.ts', 'room'],
    ['server.ts', 'bus/nats/client.ts', 'driver'],
    ['transport/uws.ts', 'gateway/session.ts', 'room'],
    ['transport/uws.ts', 'domain/messages/send.ts', 'room'],
  ])('refuses %s importing %s', (from, to, rule) => {
    const found = serverImport(from, to);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`packages/server/src/${from}:1 ${rule} `);
  });

  it('refuses a file outside of all rooms', () => {
    expect(findingsOf({ 'packages/server/src/helpers/x.ts': 'export const x = 1;\n' })).toEqual([
      'packages/server/src/helpers/x.ts:1 room helpers is not a room',
    ]);
  });

  it.each(['uWebSockets.js', '@uwsjs/linux-x64-20'])('keeps %s inside transport/uws*.ts', (name) => {
    const text = `export const load = () => import('${name}');\n`;
    expect(findingsOf({ 'packages/server/src/transport/uws-load.ts': text })).toEqual([]);
    expect(findingsOf({ 'packages/server/src/transport/node.ts': text })).toEqual([
      `packages/server/src/transport/node.ts:1 native-transport ${name} belongs in transport/uws*.ts only`,
    ]);
    // Also when the name reaches a loader by another way than an import.
    expect(findingsOf({ 'packages/cli/src/a.ts': `export const names = ['${name}'];\n` })).toHaveLength(1);
  });
});

describe('cycles', () => {
  it('finds the shortest cycle and names its files', () => {
    const found = findingsOf({
      'packages/sdk/src/a.ts': "import './b.js';\n",
      'packages/sdk/src/b.ts': "\nimport './c.js';\nimport './d.js';\n",
      'packages/sdk/src/c.ts': "import type { A } from './a.js';\n",
      'packages/sdk/src/d.ts': "import './c.js';\n",
    });
    expect(found).toEqual(['packages/sdk/src/a.ts:1 cycle a.ts -> b.ts -> c.ts -> a.ts']);
  });

  it('finds a file that imports itself', () => {
    expect(findingsOf({ 'packages/sdk/src/a.ts': "import './a.js';\n" })).toEqual(['packages/sdk/src/a.ts:1 cycle a.ts -> a.ts']);
  });

  it('finds each of two cycles', () => {
    const pair = (one: string, two: string) => ({
      [`packages/sdk/src/${one}.ts`]: `import './${two}.js';\n`,
      [`packages/sdk/src/${two}.ts`]: `import './${one}.js';\n`,
    });
    expect(findingsOf({ ...pair('a', 'b'), ...pair('c', 'd') })).toHaveLength(2);
  });

  it('takes a diamond for what it is', () => {
    const found = findingsOf({
      'packages/sdk/src/top.ts': "import './left/index.js';\nimport './right.js';\n",
      'packages/sdk/src/left/index.ts': "import '../base.js';\n",
      'packages/sdk/src/right.ts': "import './base.js';\n",
      'packages/sdk/src/base.ts': 'export const x = 1;\n',
    });
    expect(found).toEqual([]);
  });
});

describe('constructs', () => {
  const file = 'packages/sdk/src/a.ts';

  it.each([
    ["export * from './b.js';", 'export-star'],
    ["export * as b from './b.js';", 'export-star'],
    ['export const x: any = 1;', 'any'],
    ['export const x = [] as Array<Promise<any>>;', 'any'],
    ['// @ts-ignore\nexport const x: string = 1;', 'ts-ignore'],
    ['export const x = {\n  a: 1, /* @ts-ignore */\n};', 'ts-ignore'],
    ['export const x = {\n  a: 1,\n  // @ts-ignore\n};', 'ts-ignore'],
    ['// @ts-nocheck\nexport const x = 1;', 'ts-ignore'],
  ])('refuses %j', (text, rule) => {
    const found = findingsOf({ [file]: `${text}\n` });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(` ${rule} `);
  });

  it.each(['export const any = 1;', '// any comment', "export const x = '@ts-ignore';", 'export const x = `// @ts-ignore`;'])('allows %j', (text) => {
    expect(findingsOf({ [file]: `${text}\n` })).toEqual([]);
  });

  it('refuses a file over 500 lines, unless it is generated', () => {
    const lines = (count: number) => 'export {};\n'.repeat(count);
    expect(findingsOf({ [file]: lines(500) })).toEqual([]);
    expect(findingsOf({ [file]: lines(501) })).toEqual([`${file}:501 file-length 501 lines, at most 500 allowed`]);
    expect(findingsOf({ 'packages/sdk/src/generated/a.ts': lines(501) })).toEqual([]);
  });
});

describe('the command', () => {
  it('prints one line a finding and exits 1', () => {
    const root = makeTree({ ...PACKAGES, 'packages/sdk/src/a.ts': 'export const x: any = 1;\nexport const y: any = 2;\n' });
    expect(runScript('check-imports.mjs', [root])).toEqual({
      code: 1,
      lines: [
        'packages/sdk/src/a.ts:1 any use unknown or the real type',
        'packages/sdk/src/a.ts:2 any use unknown or the real type',
      ],
    });
  });

  it('exits 0 on a clean tree', () => {
    const root = makeTree({ ...PACKAGES, 'packages/sdk/src/a.ts': 'export const x = 1;\n' });
    expect(runScript('check-imports.mjs', [root])).toEqual({ code: 0, lines: ['check-imports: nothing found'] });
  });
});
