/**
 * How a statement is given the most rows that it may bring. SQLite makes its plan anew whenever a bare parameter of LIMIT is
 * bound, because the plan may depend on it, and that costs more than most of our reads. Of a sum it knows nothing.
 */
export const AT_MOST = 'LIMIT ? + 0';
