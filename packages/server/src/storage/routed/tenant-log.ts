import type { Cancel } from '../../runtime/clock.js';
import type { Storage, StoreInfo } from '../port.js';

/** A database with its pool of connections. */
export interface OpenedDatabase {
  readonly storage: Storage;
  readonly info: StoreInfo;
  /** By which it was opened. */
  readonly sealedUrl: string;
}

/** A log beside the installation's own: its order, its epoch and its cursors are of one database. */
export interface TenantLog {
  readonly tenant: string;
  /** Where it ended when it was opened. */
  readonly info: StoreInfo;
  /** For what is done with the log as a whole. It keeps the database from being closed no longer than a call takes. */
  readonly storage: Storage;
  /** The database stays open until the hold is given up. */
  hold(): Cancel;
}

/** Told when a log can be worked with, and when it cannot any more. */
export interface LogListener {
  /** In the turn in which it opens, before any call of its apps is answered. */
  opened(log: TenantLog): void;
  closed(log: TenantLog): void;
}
