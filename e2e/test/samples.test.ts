/** The sample of README.md: it type-checks, and it runs against a real server. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { blocksIn, diagnose, given, root, runSample } from './support/page-samples.js';
import { startPageServer, type PageServer, type PageStage } from './support/page-stage.js';

/** Inside the workspace, so that the published packages are found. */
const workshop = mkdtempSync(join(root, 'e2e/.samples-'));
const [sample = ''] = blocksIn('README.md', 'ts');
let server: PageServer;
let stage: PageStage;

beforeAll(async () => {
  server = await startPageServer();
  stage = await server.open();
});
afterAll(async () => {
  await server.stop();
  rmSync(workshop, { recursive: true });
});

it('is about ten lines', () => {
  expect(blocksIn('README.md', 'ts')).toHaveLength(1);
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
  await runSample(join(workshop, 'sample.mjs'), given + sample, stage.environment);
  const { items } = await stage.backend.inbox.list({ user_id: 'ext:bob' });
  const pages = await Promise.all(items.map(({ id }) => stage.backend.messages.list({ conversation_id: id })));
  expect(pages.flatMap((page) => page.items.map(({ text }) => text))).toEqual(['Hello, Bob']);
}, 30_000);
