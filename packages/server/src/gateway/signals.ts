/** Signals are for those who listen now: nothing is stored, and loss is allowed. */
import { isId, isUserStream, ProtocolError, type Signal } from '@talaria/protocol';
import { mayReach } from '../domain/presence/visible.js';
import { checkSignalType, notInConversation, notReachable, publishSignal, requireStanding, sharesTyping, standingIn, TYPING, type Standing } from '../domain/signals/signal.js';
import { checkObject } from './check-object.js';
import type { GatewayParts } from './gateway-parts.js';
import type { OpenSession, Session } from './session.js';
import { Standings } from './standings.js';

/**
 * Tells those who follow a conversation, or a user's devices. Nothing is waited for where the sender's standing is known, and signals of
 * one sender to one conversation go out in the order in which they came.
 *
 * @throws ProtocolError at once, or by the promise
 */
export function signal(parts: GatewayParts, session: Session, open: OpenSession, frame: Signal): Promise<void> | undefined {
  const app = session.app.row.id;
  checkSignalType(frame.type);
  parts.domain.limits.take(app, open.userId, null);
  if (frame.json !== '') checkObject(frame.json, 'json');
  if (isUserStream(frame.stream)) return toUser(parts, session, open, frame);
  const follow = open.follows.get(frame.stream);
  if (!follow) throw notInConversation();
  const standings = follow.feed.standings ??= new Standings();
  const standing = standings.of(open.userId, async () => standingIn(await parts.domain.storage.conversation(app, open.userId, frame.stream), open.userId));
  const shown = frame.type === TYPING ? typingShown(parts, session, open) : true;
  if (typeof standing === 'string' && typeof shown === 'boolean') {
    publish(parts, app, open, frame, standing, shown);
    return undefined;
  }
  return Promise.all([standing, shown]).then(([known, typing]) => {
    if (session.open === open) publish(parts, app, open, frame, known, typing);
  });
}

function publish({ domain }: GatewayParts, app: string, { userId }: OpenSession, { stream, type, json, lifetime_ms }: Signal, standing: Standing, shown: boolean): void {
  requireStanding(standing, notInConversation);
  // Who does not want to be seen typing is not told that nobody sees it.
  if (shown) publishSignal(domain.bus, app, userId, { stream, type, json, wantedMs: lifetime_ms });
}

async function toUser(parts: GatewayParts, session: Session, open: OpenSession, frame: Signal): Promise<void> {
  const app = session.app.row.id;
  if (!isId('user', frame.stream)) throw notReachable();
  // The follow of the own stream is not to be taken for what is refused.
  if (frame.stream === open.userId) throw new ProtocolError('invalid_argument', 'Signals go to others.', { field: 'stream' });
  const [reached, shown] = await Promise.all([mayReach(parts.domain, app, open.userId, frame.stream), frame.type === TYPING ? typingShown(parts, session, open) : true]);
  if (!reached) throw notReachable();
  if (session.open === open) publish(parts, app, open, frame, 'allowed', shown);
}

/** Read once for a connection; from then on the user's own stream tells when it changes. */
function typingShown({ domain: { storage } }: GatewayParts, session: Session, open: OpenSession): boolean | Promise<boolean> {
  if (open.typing !== undefined) return open.typing;
  const reading: Promise<boolean> = storage.user(session.app.row.id, open.userId).then((user) => {
    const shown = sharesTyping(user);
    // What the stream has told meanwhile is newer.
    if (open.typing === reading) open.typing = shown;
    return shown;
  }, (error: unknown) => {
    if (open.typing === reading) open.typing = undefined;
    throw error;
  });
  open.typing = reading;
  return reading;
}
