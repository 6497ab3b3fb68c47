/** How the calls of the port look here: each is lent a connection first. */
import type { Line } from './line.js';

/** A call of the port that is carried out on a connection. */
export type OnLine<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (line: Line, ...args: A) => Promise<R> : never;
};
