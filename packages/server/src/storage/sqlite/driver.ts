import { fileURLToPath } from 'node:url';
import { ProtocolError } from '@talaria/protocol';
import { defaultBatchBounds, GroupCommit, type BatchBounds } from '../group-commit.js';
import type { ReadCalls, Storage, WriteCalls } from '../port.js';
import type { SearchCalls } from '../search/port.js';
import type { Durability } from './open.js';
import { createCommitter } from './committer.js';
import { KeptThread } from './kept-thread.js';
import { StartingThread } from './thread.js';

export interface SqliteOptions {
  readonly path: string;
  readonly durability: Durability;
  /** The built file that runs the database threads. */
  readonly workerUrl: URL;
  /** Folder of numbered SQL files. */
  readonly migrationsUrl: URL;
  readonly bounds?: BatchBounds;
  /** In ms. Default: this process's own. */
  readonly monotonic?: () => number;
}

const READS = [
  'info', 'facts', 'head', 'marksVersions', 'changes', 'resume', 'moved', 'factsAfterPosition', 'conversation', 'conversations', 'directConversation', 'inbox', 'unread', 'members', 'intervals', 'commandKnown', 'messages', 'message', 'messagesAt',
  'versions', 'pins', 'entriesAbout', 'entries', 'calls', 'liveCalls', 'threads', 'marks', 'receipts', 'user',
  'userByExternalId', 'usersById', 'users', 'lastSeen', 'tenant', 'tenants', 'app', 'appByPublicKey', 'apps', 'key', 'keys', 'revocations', 'usage', 'usageAfterPosition', 'deadLetters', 'consumers', 'bytes', 'due',
  'userOfToken', 'account', 'accountByLogin', 'session', 'sessions', 'attemptKnown',
  'operator', 'operatorByLogin', 'operators', 'ownerKnown', 'operatorLink', 'operatorSession', 'operatorSessions',
] as const satisfies readonly (keyof ReadCalls)[];
const WRITES = [
  'createUser', 'updateUser', 'addSeen', 'addRevocations', 'createAccount', 'setAccount', 'createSession', 'endSessions', 'rotateSession', 'takeAttempt', 'settleAttempt', 'pruneIdentity', 'createTenant', 'updateTenant', 'deleteTenant', 'createApp', 'updateApp', 'deleteApp', 'createKey', 'updateKey', 'lease',
  'commitProgress', 'addDeadLetter', 'applyRetention', 'pruneKeys',
  'createOperator', 'changeOperator', 'deleteOperator', 'addOperatorLink', 'acceptOperatorLink', 'createOperatorSession', 'useOperatorSession', 'endOperatorSessions',
] as const satisfies readonly (keyof WriteCalls)[];
const SEARCHES = ['searchPlaces', 'searchState', 'indexMessages', 'rebuildSearch'] as const satisfies readonly (keyof SearchCalls)[];

/** Fails to compile when a call of the port is missing from the lists above. */
type Missing = Exclude<keyof ReadCalls, (typeof READS)[number]> | Exclude<keyof WriteCalls, (typeof WRITES)[number]> | Exclude<keyof SearchCalls, (typeof SEARCHES)[number]>;
const complete: [Missing] extends [never] ? true : never = true;

/**
 * Storage on one SQLite file, with two threads: one writes, so that its fsync never blocks the event loop, and one
 * reads, so that a long page never delays a commit. A third one keeps the search index, in a file of its own.
 *
 * @throws Error with one sentence when the file cannot be opened
 */
export async function openSqlite(options: SqliteOptions): Promise<Storage> {
  const shared = { path: options.path, durability: options.durability, migrations: fileURLToPath(options.migrationsUrl) };
  let stopping = !complete;
  let healthy = true;
  // Threads take longer to start than databases to open: both start at once, and the writer opens first, because it makes the file.
  const starting = { writer: new StartingThread(options.workerUrl, { ...shared, role: 'writer' }), reader: new StartingThread(options.workerUrl, { ...shared, role: 'reader' }) };
  const writer = await KeptThread.open(starting.writer, (alive) => {
    healthy = alive;
  }).catch(async (error: unknown) => {
    await starting.reader.abandon();
    throw error;
  });
  const reader = await KeptThread.open(starting.reader, () => undefined).catch(async (error: unknown) => {
    await writer.close();
    throw error;
  });

  /** A read whose thread has ended is asked again: nothing has changed by it. */
  async function read(method: string, args: readonly unknown[]): Promise<unknown> {
    const thread = await reader.live();
    try {
      return await thread.call(method, args);
    } catch (error) {
      if (thread.alive || stopping) throw error;
      return (await reader.live()).call(method, args);
    }
  }

  /** A write is not asked again: its outcome is the caller's to find out. */
  async function write(method: string, args: readonly unknown[]): Promise<unknown> {
    const result = await (await writer.live()).call(method, args);
    // Nobody sends commands to a server that is not ready: it learns from its own regular writes that it can write again.
    healthy = true;
    return result;
  }

  let search: Promise<KeptThread> | undefined;
  /** The thread of the search index starts when it is first asked for: nothing else waits for it, or fails with it. */
  async function searching(): Promise<KeptThread> {
    if (stopping) throw new ProtocolError('unavailable', 'The database is closed.');
    search ??= KeptThread.open(new StartingThread(options.workerUrl, { ...shared, role: 'search' }), () => undefined);
    try {
      return await search;
    } catch (cause) {
      search = undefined;
      throw new ProtocolError('unavailable', 'The search index cannot be opened at the moment.', { cause });
    }
  }
  const ask = async (method: string, args: readonly unknown[]): Promise<unknown> => (await (await searching()).live()).call(method, args);

  const committer = createCommitter(writer, (takesWrites) => {
    healthy = takesWrites;
  });
  const queue = new GroupCommit(committer, options.bounds ?? defaultBatchBounds, options.monotonic);
  const reads = READS.map((name) => [name, (...args: unknown[]) => read(name, args)] as const);
  const writes = WRITES.map((name) => [name, (...args: unknown[]) => write(name, args)] as const);
  const searches = SEARCHES.map((name) => [name, (...args: unknown[]) => ask(name, args)] as const);
  const calls = Object.fromEntries<unknown>([...reads, ...writes, ...searches]) as unknown as Omit<Storage, 'driver' | 'append' | 'mark' | 'ready' | 'commits' | 'stop'>;
  return {
    ...calls,
    driver: 'sqlite',
    append: (command, lane) => queue.append(command, lane),
    mark: (update) => queue.mark(update),
    full: () => queue.full,
    commits: () => queue.commits,
    ready: () => healthy && !stopping && !queue.stalled,
    async stop() {
      await queue.stop();
      stopping = true;
      await search?.then((thread) => thread.close(), () => undefined);
      // The writer last: the last connection moves the write-ahead log into the file, and a reader could not.
      await reader.close();
      await writer.close();
    },
  };
}
