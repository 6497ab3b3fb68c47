import type { Viewer } from './port.js';
import type { ReadTables } from './read-tables.js';
import type { MemberRow, StreamRow } from './rows.js';
import { memberView, wholeView, type View } from './visible.js';

const NO_STREAM = { headSeq: 0, headPosition: 0, headEventId: '', floorSeq: 0, floorOrdinal: 0, ordinal: 0, marksVersion: 0 };

export interface StreamViews {
  /** The stream's row; an empty one before its first fact. */
  streamOf(app: string, stream: string): StreamRow;
  /** What the viewer sees of a stream; undefined when it does not exist for them (ISO1, ISO2). */
  viewOf(app: string, stream: StreamRow, viewer: Viewer): { readonly view: View; readonly member: MemberRow | null } | undefined;
}

export function createStreamViews(tables: ReadTables): StreamViews {
  return {
    streamOf: (app, stream) => tables.stream(app, stream) ?? { app, stream, ...NO_STREAM },
    viewOf(app, stream, viewer) {
      if (viewer === stream.stream) return { view: wholeView(stream.headSeq, stream.floorSeq), member: null };
      const conversation = tables.conversation(app, stream.stream);
      if (!conversation) return undefined;
      if (viewer === null) return { view: wholeView(stream.headSeq, stream.floorSeq), member: null };
      const member = tables.member(app, stream.stream, viewer);
      const view = memberView(member, tables.intervals(app, stream.stream, viewer), conversation.history, stream.headSeq, stream.floorSeq);
      return view && member ? { view, member } : undefined;
    },
  };
}
