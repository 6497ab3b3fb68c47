/** A feed for each log: the installation's own, and those of tenants that have a database of their own. */
import { ProtocolError } from '@talaria/protocol';
import type { Cancel } from '../runtime/clock.js';
import type { FactPlace, Storage, StoreInfo } from '../storage/port.js';
import type { TenantDatabases } from '../storage/routed/tenant-databases.js';
import type { TenantLog } from '../storage/routed/tenant-log.js';
import type { Feed } from './feed.js';
import type { StreamFeed } from './stream-feed.js';
import type { SyncTokens } from './sync-token.js';

/** What connections have of the log that their app's facts stand in. */
export class LogFeed {
  private connections = 0;
  private release: Cancel = () => undefined;

  /** @param log of a tenant; without it, the installation's own */
  constructor(readonly feed: Feed, readonly epoch: string, readonly syncTokens: SyncTokens, readonly log?: TenantLog) {}

  /** A connection works with the log: its database stays open. */
  enter(): void {
    if (this.log && this.connections === 0) this.release = this.log.hold();
    this.connections += 1;
  }

  leave(): void {
    this.connections -= 1;
    if (this.log && this.connections === 0) this.release();
  }
}

export interface LogFeedsParts {
  readonly databases: TenantDatabases | undefined;
  readonly makeFeed: (storage: Storage, info: Pick<StoreInfo, 'position' | 'eventId'>) => Feed;
  readonly syncTokens: (epoch: string) => SyncTokens;
  /** Also looks for what the bus may have lost besides facts. @returns how to stop */
  readonly watch: (log: LogFeed) => Cancel;
  /** The log cannot be worked with any more: its connections end. */
  readonly closed: (log: LogFeed) => void;
}

export class LogFeeds {
  private readonly ofTenants = new Map<TenantLog, { readonly feed: LogFeed; readonly stop: Cancel }>();
  private readonly cancels: Cancel[] = [];

  constructor(readonly own: LogFeed, private readonly parts: LogFeedsParts) {
    const { databases } = parts;
    // Before any call can open one.
    if (databases) this.cancels.push(databases.listen({ opened: (log) => this.opened(log), closed: (log) => this.closed(log) }));
  }

  /** @throws ProtocolError unavailable while the database of the app's tenant is not open */
  of(app: string): LogFeed {
    const found = this.known(app);
    if (!found) throw new ProtocolError('unavailable', 'The database of the tenant does not answer at the moment.');
    return found;
  }

  find(app: string, stream: string): StreamFeed | undefined {
    return this.known(app)?.feed.find(app, stream);
  }

  /** Takes what the bus brings. What is of a log that this node does not work with is for others. */
  each<Of extends Pick<FactPlace, 'app'>>(all: readonly Of[], take: (feed: Feed, some: readonly Of[]) => void): void {
    const first = all[0] && this.known(all[0].app);
    if (!this.parts.databases || (first && all.every(({ app }) => app === all[0]!.app))) {
      take((first ?? this.own).feed, all);
      return;
    }
    const byFeed = new Map<Feed, Of[]>();
    for (const one of all) {
      const feed = this.known(one.app)?.feed;
      if (!feed) continue;
      const some = byFeed.get(feed);
      if (some) some.push(one);
      else byFeed.set(feed, [one]);
    }
    for (const [feed, some] of byFeed) take(feed, some);
  }

  async doubt(): Promise<void> {
    await Promise.all([this.own.feed.doubt(), ...[...this.ofTenants.values()].map(({ feed }) => feed.feed.doubt())]);
  }

  run(): void {
    this.own.feed.run();
    this.cancels.push(this.parts.watch(this.own));
  }

  stop(): void {
    for (const cancel of this.cancels.splice(0)) cancel();
    this.own.feed.stop();
    for (const { stop } of this.ofTenants.values()) stop();
    this.ofTenants.clear();
  }

  /** Streams that this node keeps for followers. */
  get size(): number {
    return [...this.ofTenants.values()].reduce((sum, { feed }) => sum + feed.feed.size, this.own.feed.size);
  }

  private known(app: string): LogFeed | undefined {
    const { databases } = this.parts;
    if (!databases) return this.own;
    const log = databases.logOf(app);
    return log === null ? this.own : log && this.ofTenants.get(log)?.feed;
  }

  private opened(log: TenantLog): void {
    const feed = new LogFeed(this.parts.makeFeed(log.storage, log.info), log.info.epoch, this.parts.syncTokens(log.info.epoch), log);
    feed.feed.run();
    const unwatch = this.parts.watch(feed);
    this.ofTenants.set(log, {
      feed,
      stop() {
        unwatch();
        feed.feed.stop();
      },
    });
  }

  private closed(log: TenantLog): void {
    const found = this.ofTenants.get(log);
    if (!found) return;
    this.ofTenants.delete(log);
    this.parts.closed(found.feed);
    found.stop();
  }
}
