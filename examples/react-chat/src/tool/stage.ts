/** A server with what is in it at first, the built page and a browser, all of them thrown away afterwards. */
import { startChromium, type Chromium } from '@talaria/services';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { furnish, type Furnished } from './furnish.js';
import { buildPage, serveBuiltPage } from './page.js';
import { startTalaria } from './talaria.js';

export interface Stage extends Furnished {
  readonly chromium: Chromium;
  /** Of the page. */
  readonly url: string;
  /** Where the built page is. */
  readonly folder: string;
  /** The server ends, and begins again where it was. */
  stopServer(): Promise<void>;
  startServer(): Promise<void>;
  stop(): Promise<void>;
}

/** @param flags more flags of the server */
export async function setStage(flags: readonly string[] = []): Promise<Stage> {
  const root = mkdtempSync(join(tmpdir(), 'talaria-react-chat-'));
  const [data, folder] = [join(root, 'data'), join(root, 'page')];
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of ends.toReversed()) await end();
    rmSync(root, { recursive: true, force: true, maxRetries: 10 });
  };
  const openServer = async () => {
    const talaria = await startTalaria({ data, port: 0, flags: ['--durability', 'relaxed', ...flags] });
    ends.push(() => talaria.stop());
    const furnished = await furnish(talaria, data);
    return { ...furnished, stopServer: () => talaria.stop(), startServer: () => talaria.restart() };
  };
  const openBrowser = async (): Promise<Chromium> => {
    const chromium = await startChromium();
    ends.push(() => chromium.stop());
    return chromium;
  };
  const parts = [openServer(), openBrowser(), buildPage(folder)] as const;
  try {
    const [server, chromium] = await Promise.all(parts);
    const served = await serveBuiltPage(server.page, 0, folder);
    ends.push(() => served.stop());
    return { ...server, chromium, url: served.url, folder, stop };
  } catch (error) {
    await Promise.allSettled(parts);
    await stop();
    throw error;
  }
}

export async function withStage(flags: readonly string[], run: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = await setStage(flags);
  try {
    await run(stage);
  } finally {
    await stage.stop();
  }
}
