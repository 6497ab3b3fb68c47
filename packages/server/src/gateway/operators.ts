/** What this node answers when it is asked about its connections, and how a conversation comes to be traced here. */
import type { Answerers } from '../domain/insight/parts.js';
import type { Domain } from '../domain/domain.js';
import { inspectSession, listSessions } from './inspect.js';
import type { LogFeeds } from './log-feeds.js';
import { connectionFields, type Session } from './session.js';
import type { StreamFeed } from './stream-feed.js';

export type GatewayAnswers = Pick<Answerers, 'connections.list' | 'connections.get' | 'connections.close' | 'traces.start' | 'traces.stop'>;

export interface OperatorsParts {
  readonly domain: Domain;
  readonly feeds: LogFeeds;
  readonly all: ReadonlySet<Session>;
  readonly ofUser: (app: string, user: string) => readonly Session[];
  /** This node's id. */
  readonly node: string;
}

export interface Operators {
  readonly answers: GatewayAnswers;
  /** A stream is followed from now on; nobody is live yet. */
  opened(feed: StreamFeed): void;
}

export function createOperators({ domain, feeds, all, ofUser, node }: OperatorsParts): Operators {
  const { clock, log, traces } = domain;

  function startTrace(app: string, stream: string, untilMs: number): boolean {
    const trace = traces.start(app, stream, untilMs, () => untrace(app, stream));
    const feed = trace && feeds.find(app, stream);
    if (trace && feed && feed.traced?.trace !== trace) feed.traced = { trace, live: new Set([...all].filter((session) => session.open?.follows.get(stream)?.kind === 'live')) };
    return trace !== undefined;
  }

  function untrace(app: string, stream: string): void {
    const feed = feeds.find(app, stream);
    if (feed) feed.traced = undefined;
  }

  function sessionOf(id: string, app: string | null): Session | undefined {
    for (const session of all) if (session.id === id && session.open) return app === null || session.app.row.id === app ? session : undefined;
    return undefined;
  }

  return {
    opened(feed) {
      if (traces.running === undefined) return;
      const trace = traces.of(feed.app, feed.stream);
      if (trace) feed.traced = { trace, live: new Set() };
    },
    answers: {
      'connections.list': (input, app) => ({ items: [...listSessions(app !== null && input.user_id !== undefined ? ofUser(app, input.user_id) : all, node, input, app)] }),
      'connections.get'({ connection_id: id }, app) {
        const session = sessionOf(id, app);
        return { connection: session ? inspectSession(session, node) : null };
      },
      'connections.close'({ connection_id: id, reason, final }, app) {
        const session = sessionOf(id, app);
        if (!session) return { closed: false };
        log.info('connection.dismissed', { ...connectionFields(session), final, reason });
        session.close(final ? 'dismissed' : 'disconnected');
        return { closed: true };
      },
      'traces.start'({ conversation_id: stream, for_s: forS }, app) {
        const untilMs = clock.now() + forS * 1_000;
        return { until_ms: app !== null && startTrace(app, stream, untilMs) ? untilMs : 0 };
      },
      'traces.stop'({ conversation_id: stream }, app) {
        const stopped = app !== null && traces.stop(app, stream);
        if (app !== null && stopped) untrace(app, stream);
        return { stopped };
      },
    },
  };
}
