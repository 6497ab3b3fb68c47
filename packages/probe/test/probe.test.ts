/** Probes in processes of their own against a real server: what they record is a history, and it survives their own death. */
import { judge, openHistory, verdictLine } from '@talaria/checker';
import { createServer, ensureAdminKey, type RunningServer } from '@talaria/server';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dumpLog, makeStage, ProbeProcess, setupOf, until, type AppStage, type Heads } from '../dist/index.js';
import { Scene } from '../dist/harness/index.js';

const OFF = { per_s: 0, burst: 1 };
const WAIT_MS = 60_000;
const VERDICT = /^verdict: \d+ sent, \d+ seen, 0 lost, 0 repeated, 0 reordered$/;

let directory: string;
let server: RunningServer;
let adminKey: string;
let scene: Scene;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'talaria-probe-test-'));
  scene = new Scene('talaria-probe-scene-');
  server = await createServer({ data: join(directory, 'data'), port: 0, limits: { user: OFF, conversation: OFF, app: OFF }, addressRate: OFF });
  const { path } = await ensureAdminKey(server, join(directory, 'data'));
  adminKey = readFileSync(path, 'utf8').trim();
});

afterAll(async () => {
  await scene.close();
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

const setStage = (): Promise<AppStage> => makeStage({ url: server.url, adminKey, name: 'p', users: 3, conversations: [[0, 1, 2], [0, 1]] });

const setups = (stage: AppStage, historyDir: string, users = stage.users) => users.map((user) => setupOf(stage, user, {
  url: server.url, historyDir, storeFile: join(directory, 'stores', `${historyDir.split('/').at(-1)}-${user.name}`),
}));

async function logOf(stage: AppStage, historyDir: string): Promise<Record<string, Heads>> {
  const log = openHistory(historyDir, 'log');
  const byUser = await dumpLog(server.url, stage, log);
  log.close();
  return Object.fromEntries(stage.users.map(({ name, id }) => [name, byUser.get(id) ?? {}]));
}

const kinds = (file: string, kind: string): number => readFileSync(file, 'utf8').split('\n').filter((line) => line.startsWith(`{"k":"${kind}"`)).length;

it('[SND7,ORD2] a probe whose process is killed goes on with its outbox, its cursor and its history', async () => {
  const stage = await setStage();
  const historyDir = join(directory, 'killed');
  const [first, ...rest] = stage.users;
  const others = new ProbeProcess('others', scene.register);
  await others.start(setups(stage, historyDir, rest));
  others.run(10);
  const faults = openHistory(historyDir, 'faults');
  let probe = new ProbeProcess('the one that dies', scene.register);
  await probe.start(setups(stage, historyDir, [first!]));
  for (let death = 0; death < 3; death += 1) {
    probe.run(2);
    // What was acked in this life; the counts of the process begin anew with it.
    expect(await until(async () => (await probe.ask()).acked >= 50, WAIT_MS)).toBe(true);
    let pending = 0;
    expect(await until(async () => (pending = (await probe.ask()).pending) > 0, WAIT_MS)).toBe(true);
    faults.write({ k: 'fault', name: 'client.kill', in_flight: pending });
    await probe.kill();
    probe = new ProbeProcess('the one that dies', scene.register);
    await probe.start(setups(stage, historyDir, [first!]));
  }
  faults.close();
  others.pause();
  const quiet = async (): Promise<boolean> => (await Promise.all([probe.ask(), others.ask()])).every(({ pending }) => pending === 0);
  expect(await until(quiet, WAIT_MS)).toBe(true);
  const heads = await logOf(stage, historyDir);
  const ends = [...await probe.finish(heads, WAIT_MS), ...await others.finish(heads, WAIT_MS)];
  expect(ends.map(({ behind, problem }) => ({ behind, problem }))).toEqual(Array.from({ length: 3 }, () => ({ behind: [], problem: undefined })));
  expect(verdictLine(judge(historyDir))).toMatch(VERDICT);
  const file = join(historyDir, `${first!.name}.ndjson`);
  expect([kinds(file, 'restart'), kinds(file, 'client')]).toEqual([3, 4]);
}, 120_000);

it('[H1,H3,H9,H10] does what an app does, and records all of it', async () => {
  const stage = await setStage();
  const historyDir = join(directory, 'all');
  const probes = new ProbeProcess('probes', scene.register);
  await probes.start(setups(stage, historyDir));
  probes.run(10);
  expect(await until(async () => (await probes.ask()).acked >= 500, WAIT_MS)).toBe(true);
  probes.pause();
  expect(await until(async () => (await probes.ask()).pending === 0, WAIT_MS)).toBe(true);
  const ends = await probes.finish(await logOf(stage, historyDir), WAIT_MS);
  expect(ends.flatMap(({ behind, problem }) => [...behind, ...(problem === undefined ? [] : [problem])])).toEqual([]);
  expect(verdictLine(judge(historyDir))).toMatch(VERDICT);
  for (const { name } of stage.users) {
    const file = join(historyDir, `${name}.ndjson`);
    for (const kind of ['invoke', 'ack', 'observe', 'fact', 'mark', 'unread', 'end', 'canary']) expect(kinds(file, kind), `${name} ${kind}`).toBeGreaterThan(0);
    for (const text of ['"message.send"', '"message.edit"', '"message.delete"', '"consumer"', '"view-1-0"']) expect(readFileSync(file, 'utf8'), name).toContain(text);
  }
}, 120_000);
