/** The whole run: sets the stage, plays the story, gathers the evidence. */
import { judge, openHistory } from '@talaria/checker';
import { startProxy, startServer, talariaBinary, type Progress, type Proxy, type Scene, type ServerProcess } from '@talaria/probe/harness';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ApiError } from './api.js';
import type { DemoOptions } from './arguments.js';
import { dumpLog } from './log.js';
import { receivedText, type Evidence, type Probes } from './outcome.js';
import { ParticipantProcess } from './participant-process.js';
import { piecesOf, type Piece } from './pieces.js';
import { setStage, type AppStage } from './stage.js';
import { Story, type Cast, type Told } from './story.js';

/** Sending takes about this long, but for files that are too long for it. */
const SENDING_MS = 12_000;
/** Below what the server allows one user for ever (100 a second). */
const PACE_MS_MIN = 13;
const PACE_MS_MAX = 60;

/** @throws Error when the run could not be finished */
export async function run(options: DemoOptions, scene: Scene, progress: Progress): Promise<Evidence> {
  const file = readFileSync(options.input);
  const pieces = readPieces(options.input, file);
  const paceMs = Math.min(PACE_MS_MAX, Math.max(PACE_MS_MIN, Math.round(SENDING_MS / pieces.length)));
  const historyDir = options.keep ?? join(scene.directory, 'histories');
  progress.show('starting the server');
  let server = await openServer(scene);
  const { a, b } = await setStage(() => server.url, server.adminKey);
  const proxy = await startProxy(server.port);
  scene.onClose(() => proxy.close());
  const cast = await enter({ scene, proxy, historyDir, pieces, paceMs, a, b });
  const history = openHistory(historyDir, 'demo');
  const story = new Story({
    a, b, cast, proxy, history, progress, paceMs, pieces: pieces.length,
    kill: () => server.kill(),
    restart: async () => (server = await openServer(scene)),
  });
  const told = await story.play();
  history.close();
  const { logA, logB } = await dumpLogs(historyDir, a, b);
  const probes = await readAcross(a, b);
  if (options.keep !== undefined) keepTexts(options.keep, told, a);
  return { file, fileName: basename(options.input), told, a, b, logA, logB, probes, verdict: judge(historyDir), elapsedMs: progress.elapsedMs };
}

function openServer({ directory, register }: Scene): Promise<ServerProcess> {
  return startServer({ binary: talariaBinary(import.meta.url), directory, data: join(directory, 'data'), register });
}

function readPieces(name: string, file: Buffer): Piece[] {
  let pieces: Piece[];
  try {
    pieces = piecesOf(file);
  } catch {
    throw new Error(`${name} is no text in UTF-8`);
  }
  if (pieces.length === 0) throw new Error(`${name} is empty`);
  return pieces;
}

interface Entrance {
  readonly scene: Scene;
  readonly proxy: Proxy;
  readonly historyDir: string;
  readonly pieces: readonly Piece[];
  readonly paceMs: number;
  readonly a: AppStage;
  readonly b: AppStage;
}

/** Starts the client processes, and waits until all are connected. */
async function enter({ scene, proxy, historyDir, pieces, paceMs, a, b }: Entrance): Promise<Cast> {
  const start = async (name: string, user: string, app: AppStage, foreign: AppStage, own: readonly Piece[]): Promise<ParticipantProcess> => {
    const participant = new ParticipantProcess(name, scene.register);
    const { id, token } = app.actor(user);
    await participant.start({
      name, url: `http://127.0.0.1:${proxy.port}`, appId: app.id, publicKey: app.publicKey, userId: id, token, conversation: app.group, historyDir,
      storeFile: join(scene.directory, 'stores', `${name}.store`), pieces: own, paceMs, foreignText: foreign.canary,
    });
    return participant;
  };
  const [alice, bob, carol, stranger] = await Promise.all([
    start('alice', 'alice', a, b, pieces), start('bob', 'bob', a, b, pieces), start('carol', 'carol', a, b, []), start('alice-of-b', 'alice', b, a, []),
  ]);
  return { alice, bob, carol, stranger };
}

async function dumpLogs(historyDir: string, a: AppStage, b: AppStage): Promise<Pick<Evidence, 'logA' | 'logB'>> {
  const log = openHistory(historyDir, 'log');
  const logA = await dumpLog(a, log);
  const logB = await dumpLog(b, log);
  log.close();
  return { logA, logB };
}

/** ISO1: each app's key, and its alice's token, ask for the group of the other app. */
async function readAcross(a: AppStage, b: AppStage): Promise<Probes> {
  const attempts = [[a.api, b], [a.as('alice'), b], [b.api, a], [b.as('alice'), a]] as const;
  const refused = await Promise.all(attempts.map(([api, other]) => {
    return api.call('GET', `/v1/conversations/${other.group}/facts`).then(() => false, (error: unknown) => error instanceof ApiError && error.code === 'not_found');
  }));
  return { made: attempts.length, refused: refused.filter(Boolean).length };
}

function keepTexts(directory: string, { ends }: Told, a: AppStage): void {
  writeFileSync(join(directory, 'received-by-bob'), receivedText(ends.bob, a.actor('alice').id));
  writeFileSync(join(directory, 'received-by-alice'), receivedText(ends.alice, a.actor('bob').id));
}
