import type { Random } from './random.js';

/** W3C Trace Context, level 1: later versions may be longer, and `ff` is never one. */
const TRACEPARENT = /^(?!ff)[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}(?:-.*)?$/;
const NO_TRACE = '0'.repeat(32);
const TRACE_BYTES = 16;

/** The caller's trace id; a new one where there is none or it cannot be read, as the specification wants. It never fails a request. */
export function traceIdOf(traceparent: string | undefined, random: Random): string {
  const id = traceparent === undefined ? undefined : TRACEPARENT.exec(traceparent)?.[1];
  if (id !== undefined && id !== NO_TRACE) return id;
  const bytes = Buffer.alloc(TRACE_BYTES);
  random.fill(bytes);
  return bytes.toString('hex');
}
