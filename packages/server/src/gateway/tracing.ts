/** What a trace records of facts on their way to sockets. Called only while the stream is traced. */
import type { ConversationTrace, TracedFollower } from '../domain/insight/traces.js';
import type { EventRow } from '../storage/rows.js';

const messagesAmong = (facts: readonly EventRow[]): readonly EventRow[] => facts.filter(({ type }) => type === 'message.created');

/** They have come to this node. */
export function recordReceived(trace: ConversationTrace, facts: readonly EventRow[]): void {
  for (const { app, stream, seq } of messagesAmong(facts)) if (app === trace.app && stream === trace.conversation) trace.step(seq, 'received');
}

/** They have been given to the sockets of all who are live. */
export function recordLive({ trace, live }: { readonly trace: ConversationTrace; readonly live: ReadonlySet<TracedFollower> }, facts: readonly EventRow[]): void {
  for (const { seq } of messagesAmong(facts)) {
    trace.step(seq, 'published');
    for (const follower of live) trace.wrote(seq, follower, 'live');
  }
}

/** They have been written to one who was behind. */
export function recordCaughtUp(trace: ConversationTrace, follower: TracedFollower, facts: readonly EventRow[]): void {
  for (const { seq } of messagesAmong(facts)) trace.wrote(seq, follower, 'catch_up');
}
