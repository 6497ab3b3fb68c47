/** What a scrape reads of the running parts. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Domain } from './domain/domain.js';
import type { Gateway } from './gateway/gateway.js';
import type { Metrics } from './runtime/metrics.js';
import type { Replica } from './storage/replica.js';

const NS_PER_S = 1e9;

/** What is asked when metrics are read. */
export interface Measured {
  readonly gateway: Gateway;
  readonly replica: Replica | undefined;
  readonly search: () => { readonly indexed: number; readonly lagMs: number };
  readonly previews: () => { readonly made: number; readonly failed: number; readonly dropped: number; readonly waiting: number };
  readonly connectedUsers: () => number;
  readonly uptimeSeconds: () => number;
}

/** @returns how to stop what measures all the time */
export function registerMetrics(metrics: Metrics, { bus, counts, databases, passwords, storage }: Domain, { gateway, replica, search, previews, connectedUsers, uptimeSeconds }: Measured): () => void {
  const loop = monitorEventLoopDelay({ resolution: 10 });
  loop.enable();
  metrics.gauge('talaria_connections', 'Open sockets.', () => gateway.stats().connections);
  metrics.gauge('talaria_followed_streams', 'Streams that this node keeps for followers.', () => gateway.stats().followedStreams);
  metrics.gauge('talaria_users_connected', 'Users with an open socket on this node.', connectedUsers);
  metrics.gauge('talaria_presence_watched_users', 'Users whose presence connections to this node follow.', () => gateway.stats().watches.users);
  metrics.gauge('talaria_presence_watching_connections', 'Connections that follow the presence of somebody.', () => gateway.stats().watches.connections);
  metrics.total('talaria_presence_told_total', 'Changes of presence that connections were told, one for each user and connection.', () => gateway.stats().watches.told);
  metrics.gauge('talaria_log_position', 'Store-wide position up to which facts were handed out.', () => gateway.stats().position);
  metrics.total('talaria_commands_committed_total', 'Commands that were committed.', () => counts.committed);
  metrics.total('talaria_commands_duplicate_total', 'Commands that had been executed before and were answered again.', () => counts.duplicate);
  metrics.total('talaria_commands_refused_total', 'Commands that the rules or the storage refused.', () => counts.refused);
  metrics.total('talaria_facts_total', 'Facts that were committed.', () => counts.facts);
  metrics.total('talaria_messages_total', 'Messages that were committed.', () => counts.messages);
  metrics.total('talaria_calls_started_total', 'Calls that were started.', () => counts.callsStarted);
  metrics.total('talaria_calls_ended_total', 'Calls that have ended.', () => counts.callsEnded);
  metrics.total('talaria_calls_unanswered_total', 'Calls that have ended, and that nobody had answered.', () => counts.callsUnanswered);
  metrics.total('talaria_deliveries_total', 'Facts that were given to sockets, one for each socket.', () => counts.deliveries);
  metrics.total('talaria_connections_slow_total', 'Connections that were taken off their streams for a while because they took nothing.', () => counts.slow);
  metrics.gauge('talaria_passwords_waiting', 'Passwords that wait to be checked. Beyond 128 they are refused as overloaded.', () => passwords.waiting);
  metrics.total('talaria_refresh_reused_total', 'Sessions that ended because a refresh token was exchanged twice: somebody had a copy.', () => counts.refreshReused);
  metrics.gauge('talaria_storage_ready', '1 when the storage takes writes, else 0.', () => (storage.ready() ? 1 : 0));
  metrics.gauge('talaria_tenant_databases_open', 'Databases of tenants that this node is connected to.', () => databases?.counts().open ?? 0);
  metrics.gauge('talaria_tenant_databases_down', 'Databases of tenants that did not answer this node when they were last asked.', () => databases?.counts().down ?? 0);
  metrics.gauge('talaria_replica_lag_seconds', 'How far the replica is behind, at most. 0 without a replica, +Inf while nothing is known.', () => (replica?.lagMs() ?? 0) / 1_000);
  metrics.total('talaria_replica_reads_total', 'Reads that the replica has answered.', () => replica?.counts.replica ?? 0);
  metrics.total('talaria_replica_reads_missed_total', 'Reads that might lag and that the database itself has answered: the replica was too far behind, or failed.', () => replica?.counts.primary ?? 0);
  metrics.gauge('talaria_bus_alive', '1 when other nodes are reached over the bus, else 0: they then find facts in the database.', () => (bus.alive() ? 1 : 0));
  metrics.gauge('talaria_log_held_seconds', 'How long an open transaction has kept the order of the store from being settled. Consumers wait; deliveries do not.', () => gateway.stats().heldMs / 1_000);
  metrics.gauge('talaria_search_lag_seconds', 'How long ago the first message came that cannot be found yet, or another fact that has not been looked at; 0 when there is none.', () => search().lagMs / 1_000);
  metrics.total('talaria_search_indexed_total', 'Messages that this node has written to search indexes, or taken from them.', () => search().indexed);
  metrics.gauge('talaria_previews_waiting', 'Messages with links that this node is to look at, or looks at. Beyond 1,000, or 200 of an app, they get no preview.', () => previews().waiting);
  metrics.total('talaria_previews_made_total', 'Messages that this node has given previews, or taken them from after an edit.', () => previews().made);
  metrics.total('talaria_previews_failed_total', 'Pages that gave no preview: they could not be fetched, or say nothing.', () => previews().failed);
  metrics.total('talaria_previews_dropped_total', 'Messages that get no preview because too many waited.', () => previews().dropped);
  metrics.gauge('talaria_event_loop_delay_p99_seconds', 'Delay of the event loop since the last scrape, 99th percentile.', () => {
    const seconds = loop.percentile(99) / NS_PER_S;
    loop.reset();
    return seconds;
  });
  metrics.gauge('talaria_memory_bytes', 'Resident memory of the process.', () => process.memoryUsage.rss());
  metrics.gauge('talaria_uptime_seconds', 'Time since the start.', uptimeSeconds);
  return () => void loop.disable();
}
