/** The databases of all tenants that this node works with: opened when they are needed, no more at once than there is room for. */
import { ProtocolError } from '@talaria/protocol';
import type { Cancel, Clock } from '../../runtime/clock.js';
import { Shard, type ShardBounds } from './shard.js';
import type { CommitCounts } from '../port.js';
import type { LogListener, OpenedDatabase } from './tenant-log.js';

export interface ShardsBounds extends ShardBounds {
  /** Pools of connections that this node keeps at once (FLW3). */
  readonly open_max: number;
  /** A database that nobody needs is closed after so long. */
  readonly idle_ms: number;
  /** How often databases are looked at. */
  readonly check_ms: number;
}

export interface ShardsParts {
  readonly clock: Clock;
  readonly bounds: ShardsBounds;
  /** Opens a tenant's database by what the directory says of it now. @throws Error with one sentence */
  open(tenant: string): Promise<OpenedDatabase>;
  moved(tenant: string, sealedUrl: string): Promise<boolean>;
  failed(tenant: string, error: unknown): void;
}

export class Shards {
  private readonly shards = new Map<string, Shard>();
  /** Whose connections are open, or being opened or closed. */
  private readonly pools = new Set<Pool>();
  private readonly listeners = new Set<LogListener>();
  private readonly cancel: Cancel;
  /** By databases that are closed again: totals only grow. */
  private before: CommitCounts = NONE;

  constructor(private readonly parts: ShardsParts) {
    this.cancel = parts.clock.every(parts.bounds.check_ms, () => this.check());
  }

  /** Which are open, and how many do not answer. */
  get counts(): { readonly open: number; readonly down: number } {
    return { open: this.pools.size, down: [...this.shards.values()].filter(({ kind }) => kind === 'down').length };
  }

  /** Of all that are open, and of those that were. */
  commits(): CommitCounts {
    return [...this.pools].reduce((sum, pool) => added(sum, pool.commits()), this.before);
  }

  of(tenant: string): Shard {
    const known = this.shards.get(tenant);
    if (known) return known;
    const { clock, bounds } = this.parts;
    const shard: Shard = new Shard(tenant, {
      clock, bounds,
      open: () => this.open(shard),
      moved: (sealedUrl) => this.parts.moved(tenant, sealedUrl),
      opened: (log) => {
        for (const listener of this.listeners) listener.opened(log);
      },
      closed: (log) => {
        for (const listener of this.listeners) listener.closed(log);
      },
      failed: (error) => this.parts.failed(tenant, error),
    });
    this.shards.set(tenant, shard);
    return shard;
  }

  listen(listener: LogListener): Cancel {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Looks at once whether what is open is still what it should be. */
  recheck(): void {
    for (const { shard } of this.pools) shard.recheck();
  }

  /** The tenant is gone, or its database is another one. */
  async forget(tenant: string): Promise<void> {
    await this.shards.get(tenant)?.close();
  }

  async stop(): Promise<void> {
    this.cancel();
    await Promise.all([...this.shards.values()].map((shard) => shard.stop()));
  }

  private async open(shard: Shard): Promise<OpenedDatabase> {
    const pool = await this.reserve(shard);
    try {
      const opened = await this.parts.open(shard.tenant);
      const stop = (): Promise<void> => {
        pool.closing ??= opened.storage.stop().finally(() => this.closed(pool));
        return pool.closing;
      };
      pool.commits = () => opened.storage.commits();
      return { ...opened, storage: { ...opened.storage, stop } };
    } catch (error) {
      this.pools.delete(pool);
      throw error;
    }
  }

  private closed(pool: Pool): void {
    if (this.pools.delete(pool)) this.before = added(this.before, pool.commits());
  }

  /** @throws ProtocolError overloaded when everything that is open is in use */
  private async reserve(shard: Shard): Promise<Pool> {
    while (this.pools.size >= this.parts.bounds.open_max) {
      const closing = [...this.pools].find((pool) => pool.closing !== undefined)?.closing ?? this.longestIdle()?.shard.close();
      if (!closing) throw new ProtocolError('overloaded', 'This node works with as many databases of tenants as it may.', { retryAfterMs: this.parts.bounds.retry_ms });
      await closing;
    }
    const pool: Pool = { shard, closing: undefined, commits: () => NONE };
    this.pools.add(pool);
    return pool;
  }

  private longestIdle(): Pool | undefined {
    return [...this.pools].filter(({ shard }) => shard.idleSinceMs !== undefined).sort((left, right) => left.shard.idleSinceMs! - right.shard.idleSinceMs!)[0];
  }

  private check(): void {
    const beforeMs = this.parts.clock.monotonic() - this.parts.bounds.idle_ms;
    for (const shard of this.shards.values()) {
      shard.check();
      if (shard.idleSinceMs !== undefined && shard.idleSinceMs <= beforeMs) shard.close().catch((error: unknown) => this.parts.failed(shard.tenant, error));
    }
  }
}

/** Connections of one database. */
interface Pool {
  readonly shard: Shard;
  closing: Promise<void> | undefined;
  commits: () => CommitCounts;
}

const NONE: CommitCounts = { count: 0, ms: 0 };

/** Of two databases together. */
export function added(left: CommitCounts, right: CommitCounts): CommitCounts {
  return { count: left.count + right.count, ms: left.ms + right.ms };
}
