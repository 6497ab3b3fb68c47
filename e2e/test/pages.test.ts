/** The pages of the features: their samples type-check and run, and what they say of limits, codes and permissions is so. */
import { errorCodes, limits, permissionTable, type Action } from '@talaria/protocol';
import { operationIds } from '@talaria/protocol/operations';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksIn, blocksOf, diagnose, fill, given, httpSamplesOf, lacking, namesIn, operationOf, operationsIn, root, runSample, type HttpSample } from './support/page-samples.js';
import { startPageServer, type PageServer } from './support/page-stage.js';

const features = ['docs/users.md', 'docs/conversations.md', 'docs/joining.md', 'docs/messages.md', 'docs/waiting.md', 'docs/receipts.md', 'docs/calls.md'];
/** Every page that has samples. */
const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`).filter((page) => blocksOf(page).some(({ language }) => language === 'ts' || language === 'http'));

/** Inside the workspace, so that the published packages are found. */
const workshop = mkdtempSync(join(root, 'e2e/.samples-'));
let server: PageServer;

beforeAll(async () => {
  server = await startPageServer();
});
afterAll(async () => {
  await server.stop();
  rmSync(workshop, { recursive: true });
});

const MARK = 'what requests name: ';

/** All samples of a page, one behind the other, and at last what its requests name of them. */
function programOf(page: string): string {
  const names = namesIn(httpSamplesOf(page));
  return `${given}${blocksIn(page, 'ts').join('\n')}\nconsole.log(${JSON.stringify(MARK)} + JSON.stringify({ ${names.map((name) => `${JSON.stringify(name)}: ${name}`).join(', ')} }));\n`;
}

async function ask(base: string, { method, path, headers, body }: HttpSample, values: Readonly<Record<string, unknown>>): Promise<{ readonly status: number; readonly answer: unknown }> {
  const response = await fetch(new URL(fill(path, values), base), {
    method, headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fill(value, values)])), ...(body !== '' && { body: fill(body, values) }),
  });
  const text = await response.text();
  return { status: response.status, answer: text === '' ? {} : JSON.parse(text) as unknown };
}

describe.each(pages)('%s', (page) => {
  it('has samples that type-check, and run; and requests that are answered as it says', async () => {
    const program = programOf(page);
    const typed = join(workshop, `${page.replaceAll(/\W/g, '-')}.ts`);
    writeFileSync(typed, program);
    expect(diagnose(typed)).toEqual([]);

    const { environment, backend } = await server.open();
    const printed = await runSample(typed.replace(/\.ts$/, '.mjs'), program, environment);
    // The guest of this page has become an account.
    if (page === 'docs/identity.md') expect((await backend.accounts.get({ user_id: /^u_\w+$/m.exec(printed)![0] })).login).toBe('carol@example.com');

    const values: Record<string, unknown> = JSON.parse(printed.slice(printed.lastIndexOf(MARK) + MARK.length)) as Record<string, unknown>;
    for (const sample of httpSamplesOf(page)) {
      const where = `${sample.method} ${sample.path}`;
      expect(operationOf({ ...sample, path: fill(sample.path, values) }), where).toBeDefined();
      // What is searched for is found a moment later; everything else is there at once.
      const answers = async (): Promise<unknown> => {
        const { status, answer } = await ask(environment.url, sample, values);
        if (status >= 300 || lacking(sample.answer, answer).length > 0) return { status, answer, lacks: lacking(sample.answer, answer) };
        for (const [name, value] of Object.entries(answer as object)) values[`answer.${name}`] = value;
        return 'as shown';
      };
      if (where.includes('/search/')) await expect.poll(answers, { timeout: 10_000, message: where }).toBe('as shown');
      else expect(await answers(), where).toBe('as shown');
    }
  }, 60_000);
});

it('finds the pages', () => {
  expect(pages).toEqual(expect.arrayContaining([...features, 'docs/search.md', 'docs/identity.md', 'docs/concepts.md', 'docs/guides/auth.md']));
});

it('every operation stands in a sample that runs', () => {
  const shown = new Set(pages.flatMap((page) => [...blocksIn(page, 'ts').flatMap(operationsIn), ...httpSamplesOf(page).map(operationOf)]));
  const missing = operationIds.filter((id) => !shown.has(id));
  expect(missing, 'Give each a sample on the page that it belongs to').toEqual([]);
});

describe.each(features)('%s', (page) => {
  const text = readFileSync(join(root, page), 'utf8');
  const section = (title: string): string => new RegExp(`^## ${title}\n([^]*?)(?=^## |(?![^]))`, 'm').exec(text)?.[1] ?? '';
  const rows = (part: string): string[][] => [...part.matchAll(/^\| (.*) \|$/gm)].map((match) => match[1]!.split(' | ')).slice(2);

  it('says what it must', () => {
    for (const title of ['Who may', 'Limits', 'Errors', 'What is guaranteed']) expect(section(title), title).not.toBe('');
    expect(blocksIn(page, 'ts').length).toBeGreaterThan(1);
    expect(httpSamplesOf(page).length).toBeGreaterThan(1);
  });

  it('has limits as they are', () => {
    const said = rows(section('Limits'));
    expect(said.length).toBeGreaterThan(0);
    for (const [name = '', value] of said) expect(value, name).toBe(limits[name.replaceAll('`', '') as keyof typeof limits]?.toLocaleString('en'));
  });

  it('has codes that exist', () => {
    const codes = rows(section('Errors')).flatMap(([names = '']) => [...names.matchAll(/`(\w+)`/g)].map((match) => match[1]!));
    expect(codes.length).toBeGreaterThan(0);
    expect(codes.filter((code) => !(errorCodes as readonly string[]).includes(code))).toEqual([]);
  });

  it('says of permissions what the table says', () => {
    const said = rows(section('Who may')).filter((row) => row.length === 4);
    for (const [what = '', action = '', from, direct] of said) {
      const rule = permissionTable[action.replaceAll('`', '') as Action];
      expect({ what, from, direct }, action).toEqual({ what, from: rule?.from, direct: rule?.direct ? 'yes' : 'no' });
    }
    if (page !== 'docs/users.md') expect(said.length).toBeGreaterThan(0);
  });
});

describe('the checks themselves', () => {
  it('find an operation by its request, and none by another', () => {
    expect(operationOf({ method: 'PUT', path: '/v1/messages/m_1/pin' })).toBe('pins.add');
    expect(operationOf({ method: 'PUT', path: '/v1/messages/m_1/pins' })).toBeUndefined();
  });

  it('find operations in code, and nothing that only looks like one', () => {
    expect(operationsIn("await alice.command('pins.add', { }); await backend.users.list({ }); users.get(); client.conversations.open('x');")).toEqual(['pins.add', 'users.list']);
  });

  it('see what an answer lacks', () => {
    expect(lacking({ items: [{ id: 'x' }], next: null }, { items: [{ id: 'y', more: 1 }], next: 'z' })).toEqual([]);
    expect(lacking({ items: [{ id: 'x', text: '' }], next: null }, { items: [{ id: 'y' }] })).toEqual(['.items.0.text', '.next']);
    expect(lacking({ items: [{}] }, { items: [] })).toEqual(['.items']);
  });

  it('tell names from JSON', () => {
    expect(fill('{ "a": { "b": "{group.id}" }, "c": {first.seq} }', { 'group.id': 'c_1', 'first.seq': 3 })).toBe('{ "a": { "b": "c_1" }, "c": 3 }');
  });
});
