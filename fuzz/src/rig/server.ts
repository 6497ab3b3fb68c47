/** A whole server in this process: its crash is the crash of whoever attacks it, and its memory counts as theirs. */
import { createServer, ensureAdminKey, type RunningServer } from '@talaria/server';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ServerRig {
  readonly server: RunningServer;
  readonly directory: string;
  readonly adminKey: string;
  stop(): Promise<void>;
}

const OFF = { per_s: 0, burst: 1 };
/** So that a run of a minute is no client that went away. */
const HEARTBEAT_MS = 300_000;

/** Real transport and real database; the limits of rates are off, because an attack is faster than they are. */
export async function startServer(): Promise<ServerRig> {
  const directory = mkdtempSync(join(tmpdir(), 'talaria-fuzz-'));
  try {
    const server = await createServer({
      data: directory, port: 0, durability: 'relaxed', limits: { user: OFF, conversation: OFF, app: OFF }, addressRate: OFF, heartbeatMs: HEARTBEAT_MS,
    });
    const { path } = await ensureAdminKey(server, directory);
    return {
      server, directory, adminKey: readFileSync(path, 'utf8').trim(),
      async stop() {
        await server.stop();
        rmSync(directory, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}
