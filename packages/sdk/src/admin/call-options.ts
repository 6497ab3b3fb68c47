/** What one call of the admin client may have beside its input. */
export interface AdminCallOptions {
  /** Ends the call, whatever it waits for. */
  readonly signal?: AbortSignal;
  /** How long one try may take, in ms. Default: the client's. */
  readonly timeoutMs?: number;
  /**
   * For commands: up to 128 characters by which the server knows that command again, for as long as the fact is kept and 90 days
   * more (SND2). Give your own where the call itself may be repeated, by a job that runs again for example; without one, each
   * call makes one of its own, so that its retries are safe.
   */
  readonly idempotencyKey?: string;
  /**
   * For pages and lists: `eventual` lets a replica answer, where the server has one. It may be a few seconds behind, so do not look
   * there for what you have just written. Default `strong`.
   */
  readonly consistency?: 'strong' | 'eventual';
}
