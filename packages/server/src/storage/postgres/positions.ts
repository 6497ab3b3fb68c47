/**
 * CLU3: the order of the whole store. A position is the transaction's number, and the place in it, as one number. Transactions end
 * in another order than they begin, so the order is final only below the oldest one that is still open: the horizon.
 */

/** Facts of one transaction have fewer places. Transaction numbers then have 41 bits of a double: 35 years at 2,000 a second. */
export const PLACES = 4_096;

/** The transaction that asks, as a position below its first fact. */
export const OWN_POSITION = `(SELECT xid_offset FROM store) * ${PLACES} + pg_current_xact_id()::text::bigint * ${PLACES}`;

/** Everything below this position is settled: no transaction that is still open has one there. */
export const HORIZON = `(SELECT xid_offset FROM store) * ${PLACES} + pg_snapshot_xmin(pg_current_snapshot())::text::bigint * ${PLACES}`;

/** The last settled fact's position. The store's own row knows where the log ended when facts were last removed. */
export const LAST_SETTLED = `(SELECT greatest(position, coalesce((SELECT max(position) FROM events WHERE position < ${HORIZON}), 0)) FROM store)`;

/** Before facts are removed: what was settled stays so. */
export const KEEP_POSITION = `UPDATE store SET position = ${LAST_SETTLED}`;
