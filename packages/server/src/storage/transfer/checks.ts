/** What must hold of a whole database, whichever it stands in. */
import { UnsoundError } from './errors.js';
import { placesOf, tableOf, type Row, type Table, type TableName } from './tables.js';

/** A stream as its row tells it, and as its facts do. */
interface SeenStream {
  readonly headSeq: number;
  readonly headPosition: number;
  readonly headEventId: string;
  readonly floorSeq: number;
  lastSeq: number;
  lastPosition: number;
  lastEventId: string;
}

export interface Checks {
  /** Takes rows in the order of tables and keys. @throws UnsoundError that names the first thing wrong */
  rows(of: Table, rows: readonly Row[]): void;
  /** All rows have been given. @throws UnsoundError */
  end(): void;
}

/**
 * ORD1: each stream has its seqs without holes above its floor, and its row agrees with its last fact. CLU3: positions are unique, and
 * none stands behind the store's. SND2: a command key is of a stream that is there, at a seq that it has had. Members are of
 * conversations that have a stream.
 *
 * Holds a record a stream, and 8 bytes a fact.
 *
 * @param position of the store
 */
export function createChecks(position: number): Checks {
  const streams = new Map<string, SeenStream>();
  const positions = new Positions();
  let open: { readonly name: string; readonly seen: SeenStream } | undefined;

  const nameOf = (app: unknown, stream: unknown): string => `${String(app)} ${String(stream)}`;
  const shown = (name: string): string => `stream ${name.slice(name.indexOf(' ') + 1)}`;

  function stream(cells: Row): void {
    const [app, id, headSeq, headPosition, headEventId, floorSeq] = cells as [string, string, number, number, string, number];
    const name = nameOf(app, id);
    if (streams.has(name)) throw new UnsoundError(`${shown(name)} stands there twice`);
    if (floorSeq < 0 || floorSeq > headSeq) throw new UnsoundError(`${shown(name)} has a floor at ${floorSeq} and its head at ${headSeq}`);
    streams.set(name, { headSeq, headPosition, headEventId, floorSeq, lastSeq: floorSeq, lastPosition: 0, lastEventId: '' });
  }

  function fact([app, id, seq, at, eventId]: Row): void {
    const name = nameOf(app, id);
    if (open?.name !== name) {
      const seen = streams.get(name);
      if (!seen) throw new UnsoundError(`a fact at position ${at} is of no stream that is there`);
      open = { name, seen };
    }
    const { seen } = open;
    if (seq !== seen.lastSeq + 1) throw new UnsoundError(`${shown(name)} has seq ${seq} where ${seen.lastSeq + 1} should stand`);
    if ((at as number) > position) throw new UnsoundError(`${shown(name)} has seq ${seq} at position ${at}, behind the end of the log`);
    seen.lastSeq = seq;
    seen.lastPosition = at as number;
    seen.lastEventId = eventId as string;
    positions.add(at as number);
  }

  function needsStream(app: unknown, id: unknown, what: string): SeenStream {
    const found = streams.get(nameOf(app, id));
    if (!found) throw new UnsoundError(`${what} is of stream ${String(id)}, which is not there`);
    return found;
  }

  function key([clientId, app, id, seq]: Row): void {
    const what = `the command key ${String(clientId)}`;
    const { headSeq } = needsStream(app, id, what);
    if ((seq as number) > headSeq) throw new UnsoundError(`${what} is of seq ${seq}, and stream ${String(id)} ends at ${headSeq}`);
  }

  const check: Partial<Record<TableName, readonly [columns: readonly string[], take: (cells: Row) => void]>> = {
    streams: [['app_id', 'stream_id', 'head_seq', 'head_position', 'head_event_id', 'floor_seq'], stream],
    conversations: [['app_id', 'id'], ([app, id]) => void needsStream(app, id, 'a conversation')],
    members: [['app_id', 'conversation_id', 'user_id'], ([app, id, user]) => void needsStream(app, id, `the member ${String(user)}`)],
    events: [['app_id', 'stream_id', 'seq', 'position', 'event_id'], fact],
    entries: [['app_id', 'stream_id', 'type'], ([app, id, type]) => void needsStream(app, id, `an entry of type ${String(type)}`)],
    command_keys: [['client_id', 'app_id', 'stream_id', 'seq'], key],
  };
  const places = new Map(Object.entries(check).map(([name, [columns]]) => [name, placesOf(tableOf(name as TableName), columns)]));

  return {
    rows(of, rows) {
      const take = check[of.name]?.[1];
      const at = places.get(of.name);
      if (take && at) for (const row of rows) take(at.map((place) => row[place]!));
    },
    end() {
      for (const [name, seen] of streams) {
        if (seen.lastSeq !== seen.headSeq) throw new UnsoundError(`${shown(name)} ends at seq ${seen.lastSeq}, and its head is ${seen.headSeq}`);
        if (seen.lastSeq === seen.floorSeq) continue;
        if (seen.lastEventId !== seen.headEventId || seen.lastPosition !== seen.headPosition) throw new UnsoundError(`the head of ${shown(name)} is another fact than its last`);
      }
      const twice = positions.twice();
      if (twice !== undefined) throw new UnsoundError(`two facts stand at position ${twice}`);
    },
  };
}

const FIRST_ROOM = 65_536;

/** Many numbers in little memory. */
class Positions {
  private all = new Float64Array(FIRST_ROOM);
  private count = 0;

  add(position: number): void {
    if (this.count === this.all.length) {
      const more = new Float64Array(this.all.length * 2);
      more.set(this.all);
      this.all = more;
    }
    this.all[this.count] = position;
    this.count += 1;
  }

  /** @returns one that stands there twice */
  twice(): number | undefined {
    const sorted = this.all.subarray(0, this.count).sort();
    return sorted.find((position, at) => at > 0 && sorted[at - 1] === position);
  }
}
