/** The samples of the documentation: they type-check, and they run against a real server. */
import { connectAdmin } from '@talaria/sdk/admin';
import { createServer, ensureAdminKey, type RunningServer } from '@talaria/server';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
/** Inside the workspace, so that the published packages are found. */
const workshop = mkdtempSync(join(root, 'e2e/.samples-'));

interface Stage {
  readonly url: string;
  readonly app: string;
  readonly token: string;
}

let data: string;
let server: RunningServer;
let stage: Stage;
let texts: () => Promise<readonly string[]>;
let loginOf: (user: string) => Promise<string | null>;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'talaria-samples-'));
  server = await createServer({ data, port: 0 });
  const { path } = await ensureAdminKey(server, data);
  const installation = connectAdmin({ url: server.url, key: readFileSync(path, 'utf8').trim() });
  const tenant = await installation.tenants.create({ name: 'samples' });
  const app = await installation.apps.create({ tenant_id: tenant.id, name: 'samples', identity: { guests: true } });
  const backend = connectAdmin({ url: server.url, key: (await installation.keys.create({ app_id: app.id })).secret });
  await backend.users.create({ external_id: 'bob' });
  loginOf = async (user) => (await backend.accounts.get({ user_id: user })).login;
  const { token } = await backend.auth.token({ external_id: 'alice' });
  stage = { url: server.url, app: app.public_key, token };
  texts = async () => {
    const { items } = await backend.inbox.list({ user_id: 'ext:bob' });
    const pages = await Promise.all(items.map(({ id }) => backend.messages.list({ conversation_id: id })));
    return pages.flatMap((page) => page.items.map(({ text }) => text));
  };
});
afterAll(async () => {
  await server.stop();
  rmSync(workshop, { recursive: true });
  rmSync(data, { recursive: true });
});

/** The code blocks of a page in that language. */
function blocks(page: string, language: string): readonly string[] {
  return [...readFileSync(join(root, page), 'utf8').matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].map((match) => match[1]!);
}

/** What the words around a sample give it. */
const given = "declare const process: { readonly env: Readonly<Record<string, string>> };\nconst { url = '', app = '', token = '' } = process.env;\n";

function diagnose(path: string): readonly string[] {
  const { options } = ts.parseJsonConfigFileContent(ts.readConfigFile(join(root, 'tsconfig.base.json'), (name) => ts.sys.readFile(name)).config, ts.sys, root);
  const program = ts.createProgram([path], { ...options, noEmit: true, composite: false, incremental: false, declaration: false, lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.esnext.disposable.d.ts'], types: [] });
  return ts.getPreEmitDiagnostics(program).map((found) => ts.flattenDiagnosticMessageText(found.messageText, '\n'));
}

describe('the sample of README.md', () => {
  const [sample = ''] = blocks('README.md', 'ts');

  it('is about ten lines', () => {
    expect(blocks('README.md', 'ts')).toHaveLength(1);
    expect(sample.split('\n').length).toBeLessThanOrEqual(13);
  });

  it('type-checks as it stands, under the strict settings of this repository', () => {
    const path = join(workshop, 'sample.ts');
    writeFileSync(path, given + sample);
    expect(diagnose(path)).toEqual([]);
    // The check itself can fail.
    writeFileSync(path, `${given}${sample}\nclient.noSuchMethod();\n`);
    expect(diagnose(path)).toHaveLength(1);
  }, 60_000);

  it('runs, and its message is there', async () => {
    const path = join(workshop, 'sample.mjs');
    writeFileSync(path, ts.transpile(given + sample, { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext }));
    await run(process.execPath, [path], { env: { ...process.env, ...stage }, timeout: 20_000 });
    expect(await texts()).toEqual(['Hello, Bob']);
  }, 30_000);
});

describe('the samples of docs/live.md', () => {
  it('type-check, and run as one program that sees who is there', async () => {
    const samples = blocks('docs/live.md', 'ts');
    expect(samples.length).toBeGreaterThanOrEqual(5);
    // What an app would go on with: it looks until both are known, and leaves.
    const whole = `${given}${samples.join('\n')}
while (members.some(({ userId }) => !people.get(userId))) await new Promise<void>((resolve) => void people.on(() => resolve()));
here.close();
await client.close();
`;
    const typed = join(workshop, 'live.ts');
    writeFileSync(typed, whole);
    expect(diagnose(typed)).toEqual([]);
    const path = join(workshop, 'live.mjs');
    writeFileSync(path, ts.transpile(whole, { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext }));
    const { stdout } = await run(process.execPath, [path], { env: { ...process.env, ...stage }, timeout: 20_000 });
    const lines = stdout.split('\n');
    expect(lines).toContain('I am online');
    expect(lines).toContain('Bob is offline');
  }, 60_000);
});

describe('the sample of docs/identity.md', () => {
  const [sample = '', ...others] = blocks('docs/identity.md', 'ts');

  it('type-checks, runs, and a guest has become an account', async () => {
    expect(others).toEqual([]);
    const typed = join(workshop, 'identity.ts');
    const whole = given.replace(", token = ''", '') + sample;
    writeFileSync(typed, whole);
    expect(diagnose(typed)).toEqual([]);
    const path = join(workshop, 'identity.mjs');
    writeFileSync(path, ts.transpile(whole, { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext }));
    const { stdout } = await run(process.execPath, [path], { env: { ...process.env, ...stage }, timeout: 20_000 });
    expect(await loginOf(stdout.trim())).toBe('carol@example.com');
  }, 60_000);
});
