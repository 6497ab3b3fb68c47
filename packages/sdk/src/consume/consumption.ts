/** A consumer, as the app holds it. */
export interface Consumption {
  /** Stops after the fact that is being handled. */
  stop(): void;
  /** Nothing waits to be handled at this moment. */
  readonly idle: boolean;
  /** Whether the handler runs here. Of several clients of one store, as the tabs of a browser, one runs it at a time. */
  readonly active: boolean;
}
