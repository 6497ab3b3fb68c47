export type {
  AckEntry, CanaryEntry, ClientEntry, EndEntry, Entry, EntryKind, EntryOf, FactEntry, FailEntry, FaultEntry, FloorEntry,
  HistoryPolicy, InvokeEntry, LogEntry, MarkEntry, ObserveEntry, RangeCause, RangeEntry, Recorded, RestartEntry, Stamped,
  UnknownEntry, UnreadEntry,
} from './entries.js';
export { contentHash, messageHash } from './content.js';
export { logEntry, type LoggedFact } from './logged-fact.js';
export { Recorder, type Answer, type SeenFact, type SeenMark, type SeenRange } from './recorder.js';
export { machineNow, openHistory, type HistoryWriter, type HistoryWriterOptions } from './writer.js';
export { HistoryError } from './history-error.js';
export type { HistoryFile } from './files.js';
export { historyOf, readHistory, type History } from './history.js';
export { judge, judgeHistory, type Verdict } from './verdict.js';
export type { Effect, Rule, Violation } from './violation.js';
export { reportLines, verdictLine } from './report.js';
