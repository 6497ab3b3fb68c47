import { judge, verdictLine } from '@talaria/checker';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { run } from '../dist/run.js';

const directory = mkdtempSync(join(tmpdir(), 'talaria-e2e-'));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

it('[H1,H2,H3,H4,H5,H6,H7,H11,SND1,SND7,ORD1,ORD2,ISO3] 20 clients, 10 conversations, members who come and go, three SIGKILLs', async () => {
  const histories = join(directory, 'histories');
  const result = await run({ data: join(directory, 'data'), histories, clients: 20, conversations: 10, kills: 3, every_ms: 40, acked_between: 600 });
  const verdict = judge(histories);
  expect(verdictLine(verdict)).toMatch(/^verdict: \d+ sent, \d+ seen, 0 lost, 0 repeated, 0 reordered$/);
  expect(result.acked).toBeGreaterThan(1_800);
  expect(Math.max(...result.in_flight_at_kills)).toBeGreaterThan(0);
}, 180_000);
