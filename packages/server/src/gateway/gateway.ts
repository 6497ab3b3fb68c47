/** Connections: upgrade, frames in, facts out. The gateway owns every socket and knows no driver. */
import { isStreamId, isUserStream, limits, ProtocolError, type Cursor, type ServerCodec } from '@talaria/protocol';
import { asProtocolError, isFault } from '../domain/as-protocol-error.js';
import type { BusMessage } from '../bus/port.js';
import type { Domain } from '../domain/domain.js';
import type { AppEntry } from '../domain/tenancy/app-directory.js';
import type { AddressGate } from '../domain/limits/address-gate.js';
import { sharesTypingBy } from '../domain/signals/signal.js';
import type { Cancel } from '../runtime/clock.js';
import { errorFields } from '../runtime/log.js';
import { traceIdOf } from '../runtime/trace.js';
import type { Storage } from '../storage/port.js';
import type { EventRow } from '../storage/rows.js';
import { parseStored } from '../storage/stored-json.js';
import { runAntiEntropy } from './anti-entropy.js';
import { catchUp } from './catch-up.js';
import { dispatch } from './dispatch.js';
import { Feed, type FeedBounds, type FeedOutput } from './feed.js';
import { drained, sweepSlow } from './flow.js';
import { endFollow, placeOf, startFollow, type FollowOptions } from './follows.js';
import type { GatewayBounds, GatewayParts } from './gateway-parts.js';
import { beat } from './heartbeat.js';
import { LogFeed, LogFeeds } from './log-feeds.js';
import type { RingEntry } from './ring.js';
import { connectionFields, Session, type Follow } from './session.js';
import type { StreamFeed } from './stream-feed.js';
import { createOperators, type GatewayAnswers } from './operators.js';
import { createSyncTokens, type SyncTokens } from './sync-token.js';
import { recordReceived } from './tracing.js';
import type { TransportHandlers } from './transport-port.js';
import { createUpgrade } from './upgrade.js';
import { Watches, type WatchCounts } from './watches.js';

export interface GatewayOptions {
  readonly domain: Domain;
  readonly gate: AddressGate;
  readonly codecs: readonly ServerCodec[];
  readonly publish: (topic: string, bytes: Uint8Array, binary: boolean) => void;
  readonly epoch: string;
  /** The store's last fact when the gateway starts. */
  readonly place: { readonly position: number; readonly eventId: string };
  readonly bounds: GatewayBounds;
  readonly feedBounds: FeedBounds;
  /** This node's id. */
  readonly node: string;
}

export interface GatewayStats {
  readonly connections: number;
  readonly followedStreams: number;
  readonly position: number;
  /** How long an open transaction has kept the order of the store from being settled, in ms (CLU3). */
  readonly heldMs: number;
  /** How long ago the log was last looked at for what was not announced. */
  readonly lagMs: number;
  readonly watches: WatchCounts;
}

export interface Gateway {
  readonly handlers: Omit<TransportHandlers<Session>, 'http' | 'refuseHttp'>;
  run(): void;
  /** CLU4: no new connections; every client is told its own moment within the window to come back elsewhere. */
  drain(windowMs: number): void;
  /** Whether every command that was read has been answered. */
  idle(): boolean;
  stop(): void;
  stats(): GatewayStats;
  /** What this node says of its connections. */
  readonly answers: GatewayAnswers;
}

/** A client waits for two beats, so that none may come much later than it is due. */
const BEAT_CHECK_MS_MAX = 1_000;
const HELLO_GRACE_MS = 100;
const APP_RETRY_MS = 1_000;

export function createGateway(options: GatewayOptions): Gateway {
  const { domain, bounds } = options;
  const all = new Set<Session>();
  /** Lists, because most users have one connection. */
  const byUser = new Map<string, readonly Session[]>();
  const dirty: Session[] = [];
  const cancels: Cancel[] = [];
  let published = false;
  let draining = false;
  let stopped = false;
  /** Heard so far: whoever was let in before one, and is not open yet, is looked at again. */
  let revocations = 0;

  const feedOutput: FeedOutput = {
    codecs: options.codecs, counts: domain.counts, opened: (feed) => operators.opened(feed),
    publish,
    published: publishedFacts,
    passed: (app, user, type) => watches.passed(app, user, type),
    left(stream, user) {
      for (const session of ofUser(stream.app, user)) {
        const follow = session.open?.follows.get(stream.stream);
        if (follow?.kind === 'live') endFollow(session, follow);
      }
    },
  };
  const makeFeed = (storage: Storage, place: GatewayOptions['place']): Feed =>
    new Feed(storage, domain.bus, domain.clock, domain.log, feedOutput, options.feedBounds, place);
  const syncTokens = (epoch: string): SyncTokens => createSyncTokens(domain.keyring, epoch);
  const feeds = new LogFeeds(new LogFeed(makeFeed(domain.storage, options.place), options.epoch, syncTokens(options.epoch)), {
    databases: domain.databases, makeFeed, syncTokens, watch,
    closed(log) {
      for (const session of all) if (session.open?.log === log) session.close('draining');
    },
  });

  const own = feeds.own.feed;
  const operators = createOperators({ domain, feeds, all, ofUser, node: options.node });
  const watches = new Watches({
    domain, ofUser,
    wrote() {
      published = true;
    },
    refused(session, error) {
      failed(session, error);
      session.refuse(asProtocolError(error), {}, session.id);
    },
  });
  const parts: GatewayParts = {
    domain, feeds, bounds, capabilities: [],
    sessions: { all, ofUser }, watches, revocations: () => revocations,
    sessionOpened(session) {
      const name = `${session.app.row.id}/${session.userId}`;
      byUser.set(name, [...byUser.get(name) ?? [], session]);
      session.open?.log.enter();
      options.gate.authenticated(session.address);
      if (session.open) domain.presence.opened(session.app.row.id, session.userId, session.open.device, session.open.away);
      domain.log.debug('connection.opened', { ...connectionFields(session), agent: session.open?.agent });
    },
    // Beats are spread, so that a thousand connections of one moment do not beat together for ever.
    firstBeatMs: () => domain.clock.monotonic() + bounds.heartbeat_ms * (0.5 + domain.random.fraction() / 2),
    catchUp: (session) => catchUp({
      storage: domain.storage, counts: domain.counts, refresh: (stream) => feeds.of(stream.app).feed.refresh(stream),
      bounds: {
        high_water_bytes: bounds.high_water_bytes, near: { page: bounds.catch_up_page, page_chars: bounds.catch_up_chars },
        far: { page: bounds.catch_up_page_far, page_chars: bounds.catch_up_chars_far },
      },
      reachBack: (stream) => feeds.of(stream.app).feed.reachBack(stream), own: ownFacts, failed,
    }, session),
    followStream,
    failed,
  };

  function ofUser(app: string, user: string): readonly Session[] {
    return byUser.get(`${app}/${user}`) ?? [];
  }

  function failed(session: Session, error: unknown): void {
    if (error instanceof ProtocolError && !isFault(error)) return;
    domain.log.error('connection.failed', { ...connectionFields(session), ...errorFields(error instanceof Error && error.cause ? error.cause : error) });
  }

  function publishedFacts(stream: StreamFeed, entries: readonly RingEntry[]): void {
    if (!isUserStream(stream.stream)) return;
    for (const session of ofUser(stream.app, stream.stream)) {
      if (session.open?.follows.get(stream.stream)?.kind === 'live') ownFacts(session, entries.map((entry) => entry.row));
    }
  }

  /**
   * The user is back in a conversation that is still followed for the time before: the leave is on its way, or is being read.
   * Either would end the follow, so that it goes on from its cursor by what the log says now.
   */
  function goBeyondJoin(session: Session, follow: Follow, joinedSeq: number): void {
    const at = placeOf(follow);
    if (!at || at.cursorSeq >= joinedSeq) return;
    startFollow(session, follow.feed, { cursorSeq: at.cursorSeq, check: at.check, announce: at.announce, all: follow.all, once: false, grant: undefined });
    void parts.catchUp(session);
  }

  /** A conversation that the user was added to is followed at once, from where they joined. */
  function ownFacts(session: Session, facts: readonly EventRow[]): void {
    const { open } = session;
    if (!open) return;
    for (const fact of facts) {
      open.typing = sharesTypingBy(fact) ?? open.typing;
      if (fact.type !== 'conversation.added') continue;
      const added = parseStored(fact.payload) as { conversation_id: string; joined_seq: number };
      const known = open.follows.get(added.conversation_id);
      if (known) {
        goBeyondJoin(session, known, added.joined_seq);
        continue;
      }
      if (open.followRecent === 0 || open.follows.size > limits.follow_max) open.beyond = true;
      else void beginFollow(session, added.conversation_id, { cursorSeq: added.joined_seq - 1, check: undefined, all: false, once: false, announce: true }, added.joined_seq);
    }
  }

  /**
   * Opens the stream's feed if this node has none, then starts from the cursor, or from the head when there is none (ORD4).
   *
   * @param joinedSeq given when the user was added there: a follow that has begun meanwhile is not begun anew
   */
  async function beginFollow(
    session: Session, stream: string, wanted: Omit<FollowOptions, 'cursorSeq' | 'grant'> & { cursorSeq: number | undefined }, joinedSeq?: number,
  ): Promise<void> {
    const app = session.app.row.id;
    try {
      const { feed } = feeds.of(app);
      let opened = feed.find(app, stream);
      if (!opened) {
        const head = await domain.storage.head(app, stream);
        if (!head) throw new ProtocolError('not_found', 'There is no such conversation, or it is not visible to you.');
        opened = feed.open(app, stream, { seq: head.headSeq, eventId: head.headEventId, position: head.headPosition, marksVersion: head.marksVersion }, head.atPosition);
      }
      const known = session.open?.follows.get(stream);
      if (known && joinedSeq !== undefined) {
        // ORD4: the client's own cursor has come first, and begins before the join.
        goBeyondJoin(session, known, joinedSeq);
        return;
      }
      // ORD4: who follows already, and names no cursor, goes on from there, or facts would be left out between the two.
      const { cursorSeq = opened.headSeq, check } = wanted.cursorSeq === undefined && known ? placeOf(known) ?? wanted : wanted;
      startFollow(session, opened, { ...wanted, cursorSeq, check, grant: undefined });
      await parts.catchUp(session);
    } catch (error) {
      failed(session, error);
      session.refuse(asProtocolError(error), { stream });
    }
  }

  function followStream(session: Session, stream: string, cursor: Cursor | undefined, choice: { all: boolean; once: boolean }): void {
    const { open } = session;
    if (!open) return;
    const refuse = (error: ProtocolError): void => session.refuse(error, { stream });
    // Facts of the own stream may be passed over.
    if (stream === open.userId) open.typing = undefined;
    if (!isStreamId(stream) || (isUserStream(stream) && stream !== open.userId) || (cursor && cursor.stream !== stream)) {
      refuse(new ProtocolError('not_found', 'There is no such conversation, or it is not visible to you.'));
    } else if (open.follows.size > limits.follow_max && !open.follows.has(stream)) {
      refuse(new ProtocolError('too_large', `A connection follows at most ${limits.follow_max} conversations.`));
    } else if (cursor && cursor.epoch !== open.log.epoch) {
      refuse(new ProtocolError('resync_required'));
    } else if (cursor) {
      void beginFollow(session, stream, { cursorSeq: cursor.seq, check: cursor.check, ...choice, announce: true });
    } else void beginFollow(session, stream, { cursorSeq: undefined, check: undefined, ...choice, announce: true });
  }

  function closed(session: Session, code: number): void {
    domain.log.debug('connection.closed', { ...connectionFields(session), code });
    const name = `${session.app.row.id}/${session.userId}`;
    const { open } = session;
    all.delete(session);
    if (open) {
      for (const follow of [...open.follows.values()]) endFollow(session, follow);
      open.log.leave();
      const others = ofUser(session.app.row.id, session.userId).filter((one) => one !== session);
      if (others.length > 0) byUser.set(name, others);
      else byUser.delete(name);
      domain.presence.closed(session.app.row.id, session.userId, open.device, open.away);
      watches.end(session);
    }
    session.become({ kind: 'closed' });
  }

  function message(session: Session, bytes: Uint8Array, binary: boolean): void {
    if (binary !== session.codec.binary) {
      session.refuse(new ProtocolError('text_frame'), {}, session.id);
      session.close('text_frame');
      return;
    }
    try {
      dispatch(parts, session, session.codec.decodeUp(bytes));
    } catch (error) {
      const refusal = asProtocolError(error);
      failed(session, error);
      session.refuse(refusal, {}, session.id);
      if (refusal.code === 'bad_frame' || refusal.code === 'too_large' || refusal.code === 'internal') session.close(refusal.code);
    }
  }

  function flushLater(session: Session): void {
    if (dirty.length === 0) queueMicrotask(flushAll);
    dirty.push(session);
  }

  function flushAll(): void {
    if (dirty.length === 0) return;
    for (const session of dirty.splice(0)) session.flush();
  }

  function onBus(message: BusMessage): void {
    switch (message.kind) {
      case 'facts':
        if (domain.traces.running !== undefined) for (const trace of domain.traces.running.values()) recordReceived(trace, message.facts);
        feeds.each(message.facts, (feed, facts) => feed.announce(facts));
        return;
      case 'moved': feeds.each(message.places, (feed, places) => feed.hint(places)); return;
      case 'unsure': void feeds.doubt(); return;
      case 'mark': publishMark(message); return;
      case 'signal': publishSignal(message); return;
      case 'revoked_user':
        revocations += 1;
        for (const session of ofUser(message.app, message.user)) if (session.open && session.open.token.issuedMs < message.beforeMs) session.close('revoked');
        return;
      case 'revoked_name':
        revocations += 1;
        for (const session of ofUser(message.app, message.user)) {
          const token = session.open?.token;
          if (token?.names.includes(message.name) && token.issuedMs < message.beforeMs) session.close('revoked');
        }
        return;
      case 'revoked_key':
        revocations += 1;
        domain.keys.forget(message.key);
        for (const session of all) if (session.open?.token.keyId === message.key) session.close('revoked');
        return;
      case 'app_changed':
        domain.databases?.recheck();
        void appChanged(message.app);
        return;
      case 'node':
      case 'presence':
      case 'presence_digest':
      case 'presence_ask':
      case 'presence_list':
      case 'ask':
      case 'answer':
      case 'taken': return;
      case 'evict': feeds.find(message.app, message.stream)?.ring.clear(); return;
    }
  }

  /** Who cannot be asked about is not sent away: their app is looked at again later. */
  async function appChanged(app: string): Promise<void> {
    try {
      endUnwelcome(app, await domain.apps.refresh(app));
    } catch (error) {
      domain.log.warn('app.not_read', errorFields(error));
      if (!stopped) domain.clock.after(APP_RETRY_MS, () => void appChanged(app));
    }
  }

  /** As the directory has them, which reads each now and then. What it cannot read is looked at again in the next round. */
  async function recheckApps(): Promise<void> {
    const apps = new Set<string>();
    for (const session of all) apps.add(session.app.row.id);
    for (const app of apps) endUnwelcome(app, await domain.apps.byId(app));
  }

  /** Of an app that is suspended or gone everybody; else those whom an issuer sent that the app has named no more (RES6). */
  function endUnwelcome(app: string, entry: AppEntry | undefined): void {
    const known = new Set(entry?.row.issuers.map(({ issuer }) => issuer));
    for (const session of all) {
      if (session.app.row.id !== app) continue;
      if (!entry || entry.suspended) session.close('suspended');
      else if (session.open?.token.issuer !== undefined && !known.has(session.open.token.issuer)) session.close('revoked');
    }
  }

  /** RES6: revocations of users stand in the log's own database, those of keys in the installation's. */
  function watch(log: LogFeed): Cancel {
    const own = log.log === undefined;
    return runAntiEntropy({
      storage: log.log?.storage ?? domain.storage, bus: domain.bus, clock: domain.clock, log: domain.log, heard: onBus,
      recheckApps: () => (own ? recheckApps() : Promise.resolve()),
      cutOff() {
        const cut = [...all].filter((session) => own || session.open?.log === log);
        if (cut.length === 0) return;
        domain.log.warn('gateway.cut_off', { connections: cut.length, tenant: log.log?.tenant });
        for (const session of cut) session.close('draining');
      },
    }, options.feedBounds.anti_entropy_ms);
  }

  function publishMark(mark: Extract<BusMessage, { kind: 'mark' }>): void {
    const stream = feeds.find(mark.app, mark.stream);
    if (!stream) return;
    // One that others have overtaken is not told: the version behind it shows that it is missing.
    if (!feeds.of(mark.app).feed.marked(stream, mark.version)) return;
    const frame = { conversation_id: mark.stream, user_id: mark.user, delivered_seq: mark.deliveredSeq, version: mark.version };
    // CNT3: the user's own devices hear first where it is. What everybody is shown lies behind that, and changes nothing there.
    const own = mark.ownReadSeq === undefined ? undefined : feeds.find(mark.app, mark.user);
    if (own) publishTo(own, { mark: { ...frame, read_seq: mark.ownReadSeq } });
    publishTo(stream, { mark: { ...frame, read_seq: mark.readSeq } });
  }

  function publishSignal(signal: Extract<BusMessage, { kind: 'signal' }>): void {
    const stream = feeds.find(signal.app, signal.stream);
    if (stream) publishTo(stream, { signal: { stream: signal.stream, type: signal.type, json: signal.json, lifetime_ms: signal.lifetimeMs, user_id: signal.user } });
  }

  function publishTo(stream: StreamFeed, frame: Parameters<ServerCodec['encodeDown']>[0]): void {
    for (const codec of options.codecs) {
      if (stream.liveWith(codec) > 0) publish(stream.topic(codec), codec.encodeDown(frame), codec.binary);
    }
  }

  /** What is queued leaves first: whoever is on the topic has been told so. */
  function publish(topic: string, bytes: Uint8Array, binary: boolean): void {
    published = true;
    flushAll();
    options.publish(topic, bytes, binary);
  }

  return {
    answers: operators.answers,
    handlers: {
      upgrade: createUpgrade({
        apps: domain.apps, gate: options.gate, ids: domain.ids, codecs: options.codecs, full: () => draining ? 'draining' : all.size >= bounds.connections_max ? 'overloaded' : undefined,
        connect: (app, codec, request, address) => new Session(domain.ids.id('connection'), app, codec, address, request.origin, traceIdOf(request.traceparent, domain.random), flushLater, domain.counts),
      }),
      open(session, socket) {
        session.socket = socket;
        all.add(session);
        // A server that is busy is late itself: what has arrived by then is read before the client is sent away.
        let cancel = domain.clock.after(bounds.hello_timeout_ms, () => {
          cancel = domain.clock.after(HELLO_GRACE_MS, () => {
            session.refuse(new ProtocolError('auth_timeout'), {}, session.id);
            session.close('auth_timeout');
          });
        });
        session.become({ kind: 'greeting', cancelTimeout: () => cancel() });
      },
      message,
      drained: (session) => drained(parts, session),
      closed,
    },
    run() {
      cancels.push(domain.bus.listen(onBus));
      cancels.push(domain.clock.every(Math.min(BEAT_CHECK_MS_MAX, bounds.heartbeat_ms / 4), () => beat(parts)));
      cancels.push(domain.clock.every(bounds.flow_sweep_ms, () => {
        if (published) sweepSlow(parts);
        published = false;
      }));
      cancels.push(watches.run());
      feeds.run();
    },
    drain(windowMs) {
      draining = true;
      for (const session of all) session.write({ goaway: { reconnect_after_ms: Math.floor(domain.random.fraction() * windowMs), reason: 'draining' } });
    },
    idle: () => [...all].every((session) => (session.open?.inFlight ?? 0) === 0),
    stop() {
      stopped = true;
      domain.traces.end();
      feeds.stop();
      for (const cancel of cancels.splice(0)) cancel();
      for (const session of all) session.close('draining');
    },
    stats: () => ({ connections: all.size, followedStreams: feeds.size, position: own.position, heldMs: own.heldMs, lagMs: own.lagMs, watches: watches.counts() }),
  };
}
