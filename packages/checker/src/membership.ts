import type { HistoryPolicy, LogEntry } from './entries.js';

/** `either` where the history cannot say: the rows are gone (VIS5), or the policy changed meanwhile. */
export type Sight = 'in' | 'out' | 'either';

/** One stay of a user in a conversation, both ends included. */
export interface Stay {
  readonly from: number;
  /** Infinity while the user is a member. */
  readonly to: number;
  /** Policies that held since the stay began, also after its end; `unknown` where the row that set it is gone. */
  readonly policies: ReadonlySet<HistoryPolicy | 'unknown'>;
  /** False when the join was below the rows that are left, so that `from` is only a bound. */
  readonly joined: boolean;
}

type Bounds = Omit<Stay, 'policies'>;

/** A range of seqs, both ends included; outside all pieces a user sees nothing. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  readonly sight: Exclude<Sight, 'out'>;
}

/** The stays of every user in a conversation, from its rows in ascending order; those below `knownFrom` are not all there. */
export function staysOf(rows: readonly LogEntry[], knownFrom: number): Map<string, Stay[]> {
  const known = rows.filter((row) => row.seq >= knownFrom);
  const changes = known.filter((row) => row.history !== undefined);
  return new Map([...boundsOf(known, knownFrom)].map(([user, list]) => {
    return [user, list.map((bounds) => ({ ...bounds, policies: policiesSince(changes, bounds, knownFrom) }))];
  }));
}

function boundsOf(rows: readonly LogEntry[], knownFrom: number): Map<string, Bounds[]> {
  const found = new Map<string, Bounds[]>();
  for (const row of rows) {
    if (row.user === undefined) continue;
    const list = found.get(row.user) ?? [];
    const last = list.at(-1);
    const open = last?.to === Number.POSITIVE_INFINITY;
    if (row.type === 'member.joined' && !open) list.push({ from: row.seq, to: Number.POSITIVE_INFINITY, joined: true });
    else if (row.type === 'member.left' && open) list.splice(-1, 1, { ...last, to: row.seq });
    // A user who leaves without a join in sight joined below the rows that are left.
    else if (row.type === 'member.left' && last === undefined && knownFrom > 1) list.push({ from: knownFrom, to: row.seq, joined: false });
    if (list.length > 0) found.set(row.user, list);
  }
  return found;
}

/** A server that asks for the policy of the moment applies a new one to former members, too. */
function policiesSince(changes: readonly LogEntry[], stay: Bounds, knownFrom: number): Stay['policies'] {
  // Groups are `from_join` unless a row says otherwise; when the first rows are gone, nobody can say.
  const before = changes.findLast((row) => row.seq <= stay.from)?.history ?? (knownFrom === 1 ? 'from_join' : 'unknown');
  return new Set([stay.joined ? before : 'unknown', ...changes.filter((row) => row.seq > stay.from).map((row) => row.history ?? 'unknown')]);
}

/** What a user may see of a conversation (ISO2), given the user's stays and the first seq whose rows are left. */
export function piecesOf(stays: readonly Stay[], knownFrom: number): Piece[] {
  const pieces: Piece[] = [];
  if (knownFrom > 1) pieces.push({ from: 1, to: stays.length === 0 ? Number.POSITIVE_INFINITY : knownFrom - 1, sight: 'either' });
  stays.forEach((stay, index) => {
    pieces.push({ from: stay.from, to: stay.to, sight: 'in' });
    if (stay.policies.size === 1 && stay.policies.has('from_join')) return;
    // With `all`, a member sees what came before the join. Before a second stay (which the first one known may be,
    // when rows are gone) an observer may have been told otherwise; the same where the policy has changed since.
    const whole = index === 0 && knownFrom === 1 && stay.policies.size === 1 && stay.policies.has('all');
    pieces.push({ from: 1, to: stay.from - 1, sight: whole ? 'in' : 'either' });
  });
  return pieces.filter((piece) => piece.from <= piece.to);
}

/** What the pieces say of one seq. */
export function sightAt(pieces: readonly Piece[], seq: number): Sight {
  let sight: Sight = 'out';
  for (const piece of pieces) {
    if (seq < piece.from || seq > piece.to) continue;
    if (piece.sight === 'in') return 'in';
    sight = 'either';
  }
  return sight;
}
