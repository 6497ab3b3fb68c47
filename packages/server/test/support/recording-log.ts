import type { Log, LogFields } from '../../src/runtime/log.js';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly event: string;
  readonly fields: LogFields;
}

export interface RecordingLog extends Log {
  readonly lines: readonly LogLine[];
  /** Everything as text, before any net that hides secrets. */
  text(): string;
  /** The line of a request. */
  ofRequest(requestId: string | null): LogLine;
}

/** A log that keeps what it is given, as it is given. */
export function recordingLog(): RecordingLog {
  const lines: LogLine[] = [];
  const make = (shared: LogFields): Log => {
    const note = (level: LogLine['level']) => (event: string, fields: LogFields = {}) => void lines.push({ level, event, fields: { ...shared, ...fields } });
    return { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error'), with: (fields) => make({ ...shared, ...fields }) };
  };
  return {
    ...make({}), lines,
    text: () => JSON.stringify(lines),
    ofRequest(requestId) {
      const found = lines.filter(({ event, fields }) => event === 'http.request' && fields['request'] === requestId);
      if (found.length !== 1) throw new Error(`${found.length} lines for the request ${requestId}`);
      return found[0]!;
    },
  };
}
