/** The histories of a run, in memory, as the checker reads them. A restore begins another one: nothing of the old log holds in it. */
import { historyOf, judgeHistory, logEntry, type ClientEntry, type Entry, type HistoryFile, type Recorded, type Verdict } from '@talaria/checker';
import { factView, type MemoryStore } from '@talaria/server/internals';

/** Streams that the log is read of, with their apps. */
export interface LogStream {
  readonly app: string;
  readonly stream: string;
}

/** Between two lines of one moment. */
const TICK_MS = 1e-6;
const EVERYTHING = 1_000_000;

/** The time of one log; a restore begins another. */
export interface Era {
  /** Of how many logs there has been one before. */
  readonly era: number;
  readonly eraBeganMs: number;
}

export class ClientFile {
  /** Of which log it writes. */
  era = 0;
  /** The time of what is written, when it is not now. */
  private backdatedMs: number | undefined;
  private readonly eras = new Map<number, Recorded[]>();

  constructor(private readonly client: ClientEntry, private readonly now: () => number) {
    this.write(client);
  }

  readonly write = (entry: Entry): void => {
    const lines = this.lines(this.era);
    lines.push({ ...entry, at: this.backdatedMs ?? this.now(), line: lines.length + 1 });
  };

  /** The client's process begins anew. */
  restart(): void {
    this.write({ k: 'restart' });
    this.write(this.client);
  }

  /**
   * From here on it writes about the log of that era.
   *
   * @param pending writes what was begun before the era was
   */
  enter({ era, eraBeganMs }: Era, pending: () => void): boolean {
    if (era <= this.era) return false;
    this.era = era;
    this.backdatedMs = eraBeganMs;
    this.write(this.client);
    pending();
    this.backdatedMs = undefined;
    return true;
  }

  lines(era: number): Recorded[] {
    const known = this.eras.get(era) ?? [];
    this.eras.set(era, known);
    return known;
  }
}

export class Chronicle {
  private readonly files = new Map<string, ClientFile>();
  private readonly faultFile: Recorded[][] = [[]];
  private readonly logs: Recorded[][] = [];
  private ticks = 0;
  /** When each log took the place of the one before. */
  private readonly beganMs: number[] = [0];

  constructor(private readonly nowMs: () => number) {}

  /** Of how many logs there has been one before. */
  get era(): number {
    return this.logs.length;
  }

  get current(): Era {
    return { era: this.era, eraBeganMs: this.beganMs[this.era]! };
  }

  /** Which log a node that was up at that time has served. */
  at(ms: number): Era {
    const era = this.beganMs.findLastIndex((beganMs) => beganMs <= ms);
    return { era, eraBeganMs: this.beganMs[era]! };
  }

  /** How many faults there were. */
  get faults(): number {
    return this.faultFile.reduce((sum, lines) => sum + lines.length, 0);
  }

  client(client: ClientEntry): ClientFile {
    const file = new ClientFile(client, this.now);
    this.files.set(client.client, file);
    return file;
  }

  fault(name: string, inFlight: number): void {
    const lines = this.faultFile[this.era]!;
    lines.push({ k: 'fault', name, in_flight: inFlight, at: this.now(), line: lines.length + 1 });
  }

  /** The log as it stands is the last of its era. */
  closeEra(store: MemoryStore, streams: readonly LogStream[]): void {
    this.logs.push(logLines(store, streams));
    this.faultFile.push([]);
    this.beganMs.push(this.now());
  }

  judge(): Verdict[] {
    return this.logs.map((log, era) => {
      const clients = [...this.files].map(([name, file]): HistoryFile => ({ name: `${name}.ndjson`, entries: file.lines(era) }));
      return judgeHistory(historyOf([{ name: 'log.ndjson', entries: log }, { name: 'faults.ndjson', entries: this.faultFile[era]! }, ...clients.filter(({ entries }) => entries.length > 0)]));
    });
  }

  /** What a directory of the history would hold. */
  histories(): { readonly name: string; readonly lines: readonly Recorded[] }[] {
    return this.logs.flatMap((log, era) => [
      { name: `era-${era}/log.ndjson`, lines: log }, { name: `era-${era}/faults.ndjson`, lines: this.faultFile[era]! },
      ...[...this.files].map(([name, file]) => ({ name: `era-${era}/${name}.ndjson`, lines: file.lines(era) })),
    ]).filter(({ lines }) => lines.length > 0);
  }

  private readonly now = (): number => this.nowMs() + (this.ticks += 1) * TICK_MS;
}

function logLines(store: MemoryStore, streams: readonly LogStream[]): Recorded[] {
  const entries: Entry[] = [];
  for (const { app, stream } of streams) {
    const viewer = stream.startsWith('u_') ? stream : null;
    const head = store.calls.head(app, stream);
    if (!head) continue;
    if (head.floorSeq > 0) entries.push({ k: 'floor', stream, floor_seq: head.floorSeq + 1 });
    const page = store.calls.facts({ app, stream, viewer, afterSeq: 0, limit: EVERYTHING });
    for (const fact of page?.facts ?? []) entries.push(logEntry(app, stream, factView(fact)));
  }
  return entries.map((entry, at) => ({ ...entry, at: 0, line: at + 1 }));
}
