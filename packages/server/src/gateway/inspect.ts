/** The connections of this node, as operators and backends are told of them. */
import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import type { OpenSession, Session, Follow } from './session.js';

type Connection = OperationOutput<'connections.list'>['items'][number];
type WithStreams = OperationOutput<'connections.get'>;

/**
 * The first of the connections behind a place, in the order of their ids, which is that of their beginning. Looks at each once, and
 * keeps as many as are wanted, and one more.
 *
 * @param app the only one that is spoken of; null for all
 * @param sessions of one user, or all
 */
export function listSessions(sessions: Iterable<Session>, node: string, input: OperationInput<'connections.list'>, app: string | null): readonly Connection[] {
  const most = input.limit + 1;
  const found: Session[] = [];
  for (const session of sessions) {
    const { open } = session;
    if (!open || !fits(session, open, input, app)) continue;
    const last = found.at(-1);
    if (last === undefined || session.id > last.id) {
      if (found.length < most) found.push(session);
      continue;
    }
    found.splice(found.findIndex(({ id }) => id > session.id), 0, session);
    if (found.length > most) found.pop();
  }
  return found.flatMap((session) => (session.open ? connectionOf(session, session.open, node) : []));
}

function fits(session: Session, open: OpenSession, { address, agent, user_id: user, after }: OperationInput<'connections.list'>, app: string | null): boolean {
  return (app === null || session.app.row.id === app) && (user === undefined || open.userId === user) && (address === undefined || session.address.startsWith(address)) &&
    (agent === undefined || open.agent.startsWith(agent)) && (after === undefined || session.id > after);
}

function connectionOf(session: Session, open: OpenSession, node: string): Connection {
  return {
    id: session.id, app_id: session.app.row.id, user_id: open.userId, node, device_id: open.deviceId === '' ? null : open.deviceId, agent: open.agent, address: session.address, form: session.codec.binary ? 'binary' : 'json',
    opened_ms: open.openedMs, away: open.away, followed: open.follows.size, behind: open.behind?.size ?? 0, slow: open.stalled, buffered_bytes: session.socket.buffered(), in_flight: open.inFlight, pong_ms: open.pongMs,
  };
}

export function inspectSession(session: Session, node: string): WithStreams | null {
  const { open } = session;
  return open ? { ...connectionOf(session, open, node), streams: open.follows.values().map(followedOf) } : null;
}

function followedOf(follow: Follow): WithStreams['streams'][number] {
  const { feed } = follow;
  return { stream: feed.stream, state: follow.kind, cursor_seq: follow.kind === 'live' ? feed.headSeq : follow.at?.cursorSeq ?? feed.headSeq, head_seq: feed.headSeq };
}
