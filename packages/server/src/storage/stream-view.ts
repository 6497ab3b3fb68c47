import type { Viewer } from './port.js';
import type { ReadTables } from './read-tables.js';
import type { ConversationRow, MemberRow, StreamRow } from './rows.js';
import { memberView, wholeView, type View } from './visible.js';

const NO_STREAM = { headSeq: 0, headPosition: 0, headEventId: '', floorSeq: 0, floorOrdinal: 0, ordinal: 0, marksVersion: 0 };

export interface StreamViews {
  /** The stream's row; an empty one before its first fact. */
  streamOf(app: string, stream: string): StreamRow;
  /** What the viewer sees of a stream; undefined when it does not exist for them (ISO1, ISO2). */
  viewOf(app: string, stream: StreamRow, viewer: Viewer): SeenStream | undefined;
  /** The same of a conversation that has been read. */
  viewIn(conversation: ConversationRow, stream: StreamRow, viewer: Viewer): SeenStream | undefined;
  /** The same of a member who has been read, too. */
  viewOfMember(conversation: ConversationRow, stream: StreamRow, member: MemberRow): SeenStream | undefined;
}

export interface SeenStream {
  readonly view: View;
  /** Whether the stream is a conversation of two, or a user's own: nobody's messages are hidden there (VIS2). */
  readonly direct: boolean;
  /** Null for the app's backend, and for a user's own stream. */
  readonly member: MemberRow | null;
}

export function createStreamViews(tables: ReadTables): StreamViews {
  function viewOfMember({ app, id, kind, history }: ConversationRow, { headSeq, floorSeq }: StreamRow, member: MemberRow): SeenStream | undefined {
    const view = memberView(member, tables.intervals(app, id, member.user), history, headSeq, floorSeq);
    return view && { view, member, direct: kind === 'direct' };
  }

  function viewIn(conversation: ConversationRow, stream: StreamRow, viewer: Viewer): SeenStream | undefined {
    if (viewer === null) return { view: wholeView(stream.headSeq, stream.floorSeq), member: null, direct: conversation.kind === 'direct' };
    const member = tables.member(conversation.app, conversation.id, viewer);
    return member && viewOfMember(conversation, stream, member);
  }

  return {
    viewIn, viewOfMember,
    streamOf: (app, stream) => tables.stream(app, stream) ?? { app, stream, ...NO_STREAM },
    viewOf(app, stream, viewer) {
      if (viewer === stream.stream) return { view: wholeView(stream.headSeq, stream.floorSeq), member: null, direct: true };
      const conversation = tables.conversation(app, stream.stream);
      return conversation && viewIn(conversation, stream, viewer);
    },
  };
}
