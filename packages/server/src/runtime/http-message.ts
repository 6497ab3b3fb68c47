/** A request and its answer, as a transport gives and takes them. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** Lower-case names. A header that came twice is joined with `, `. */
  readonly headers: ReadonlyMap<string, string>;
  readonly address: string;
  /** The body, at most `body_bytes_max` long. */
  readonly body: Uint8Array;
}

export interface HttpResponse {
  readonly status: number;
  /** Without length and connection, which are the transport's. With a value that is no header, it is an empty 500. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | Uint8Array;
}
