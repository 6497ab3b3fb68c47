/** What went wrong lately, one entry for each kind of event. Made of the log's own lines. */
export type KeptLevel = 'info' | 'warn' | 'error';
export type KeptFields = Readonly<Record<string, string | number | boolean | null>>;

export interface LogLine {
  /** Counts the lines of this node. */
  readonly number: number;
  readonly timeMs: number;
  readonly level: KeptLevel;
  readonly event: string;
  readonly fields: KeptFields;
}

export interface Incident {
  readonly event: string;
  readonly level: KeptLevel;
  readonly firstMs: number;
  readonly lastMs: number;
  /** When it was over; null while it goes on, or when that cannot be told. */
  readonly overMs: number | null;
  readonly count: number;
  /** Of the last line. */
  readonly example: KeptFields;
}

/** Kinds of events that are kept; the one that was longest ago goes first. */
const KINDS_MAX = 200;

/** Which event says that others are over. */
const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  'node.ready': ['node.not_ready'],
  'consumer.caught_up': ['consumer.behind'],
  'disk.has_room': ['disk.nearly_full'],
  'bus.connected': ['bus.disconnected', 'bus.silent', 'bus.unreachable'],
};

export class Incidents {
  private readonly byEvent = new Map<string, Incident>();

  add(line: LogLine): void {
    for (const event of ENDINGS[line.event] ?? []) this.end(event, line.timeMs);
    if (line.level === 'info') return;
    const known = this.byEvent.get(line.event);
    this.byEvent.delete(line.event);
    this.byEvent.set(line.event, {
      event: line.event, level: line.level, firstMs: known?.firstMs ?? line.timeMs, lastMs: line.timeMs, overMs: null, count: (known?.count ?? 0) + 1, example: line.fields,
    });
    if (this.byEvent.size > KINDS_MAX) this.byEvent.delete(this.byEvent.keys().next().value!);
  }

  /** The latest first. */
  list(sinceMs = 0): readonly Incident[] {
    return [...this.byEvent.values()].filter(({ lastMs }) => lastMs >= sinceMs).reverse();
  }

  private end(event: string, atMs: number): void {
    const known = this.byEvent.get(event);
    if (known && known.overMs === null) this.byEvent.set(event, { ...known, overMs: atMs });
  }
}
