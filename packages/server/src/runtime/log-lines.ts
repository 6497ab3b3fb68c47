/** The last lines of the log, in memory, for whoever cannot read where it is written. What went wrong is kept by itself, so that it outlives what is merely told. */
import type { Clock } from './clock.js';
import { Incidents, type KeptFields, type KeptLevel, type LogLine } from './incidents.js';
import type { Log, LogFields } from './log.js';
import { hideSecrets, safeFields } from './safe-fields.js';

export interface LineFilter {
  /** The least level. */
  readonly level: KeptLevel;
  /** What the event's name begins with. */
  readonly event?: string | undefined;
  readonly app?: string | undefined;
  readonly user?: string | undefined;
  readonly sinceMs?: number | undefined;
}

/** Lines of each kind. */
const LINES_MAX = 1_000;
const FIELDS_MAX = 24;
const VALUE_CHARS_MAX = 500;
const RANK: Readonly<Record<KeptLevel, number>> = { info: 0, warn: 1, error: 2 };

export class LogLines {
  readonly incidents: Incidents;
  private readonly told: LogLine[] = [];
  private readonly wrong: LogLine[] = [];
  private count = 0;

  constructor(private readonly clock: Pick<Clock, 'now'>) {
    this.incidents = new Incidents();
  }

  add(level: KeptLevel, event: string, fields: LogFields): void {
    const line: LogLine = { number: (this.count += 1), timeMs: this.clock.now(), level, event, fields: kept(fields) };
    const ring = level === 'info' ? this.told : this.wrong;
    ring.push(line);
    if (ring.length > LINES_MAX) ring.shift();
    this.incidents.add(line);
  }

  /** The newest first. @param before a place in the order of time and number; only what stands before it */
  list(filter: LineFilter, limit: number, before?: { readonly timeMs: number; readonly number: number }): readonly LogLine[] {
    const fits = (line: LogLine): boolean =>
      RANK[line.level] >= RANK[filter.level] && (filter.event === undefined || line.event.startsWith(filter.event)) && (filter.app === undefined || line.fields['app'] === filter.app) &&
      (filter.user === undefined || line.fields['user'] === filter.user) && line.timeMs >= (filter.sinceMs ?? 0) &&
      (before === undefined || line.timeMs < before.timeMs || (line.timeMs === before.timeMs && line.number < before.number));
    const all = filter.level === 'info' ? [...this.told, ...this.wrong] : this.wrong;
    return all.filter(fits).sort(newestFirst).slice(0, limit);
  }
}

function newestFirst(left: LogLine, right: LogLine): number {
  return right.timeMs - left.timeMs || right.number - left.number;
}

/** A log whose lines from `info` on are also kept. Details go by: there are too many of them. */
export function keepLines(log: Log, lines: LogLines, always: LogFields = {}): Log {
  return {
    debug: (event, fields) => log.debug(event, fields),
    info(event, fields) {
      log.info(event, fields);
      lines.add('info', event, { ...always, ...fields });
    },
    warn(event, fields) {
      log.warn(event, fields);
      lines.add('warn', event, { ...always, ...fields });
    },
    error(event, fields) {
      log.error(event, fields);
      lines.add('error', event, { ...always, ...fields });
    },
    with: (fields) => keepLines(log.with(fields), lines, { ...always, ...fields }),
  };
}

function kept(fields: LogFields): KeptFields {
  const found: [string, string | number | boolean | null][] = [];
  for (const [name, value] of Object.entries(safeFields(fields)).slice(0, FIELDS_MAX)) {
    if (value === undefined) continue;
    found.push([name, typeof value === 'string' ? cut(hideSecrets(value)) : value]);
  }
  return Object.fromEntries(found);
}

function cut(text: string): string {
  return text.length > VALUE_CHARS_MAX ? `${text.slice(0, VALUE_CHARS_MAX)}…` : text;
}
