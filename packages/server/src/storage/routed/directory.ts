/** What the router asks of the installation's own database. */
import type { Storage } from '../port.js';

/** Where the rows of a tenant's apps stand, when they have a database of their own. */
export interface TenantPlace {
  readonly tenant: string;
  /** With the installation's secret: it holds a password. */
  readonly sealedUrl: string;
  /** Of the log there, once it has been used. */
  readonly epoch: string | null;
}

export interface DirectoryReads {
  /** @returns null when the app's rows stand in the installation's own database, undefined when there is no such app */
  appPlace(app: string): TenantPlace | null | undefined;
  tenantPlace(tenant: string): TenantPlace | null;
  /** In order of tenants. */
  tenantPlaces(limit: number, afterTenant: string | null): readonly TenantPlace[];
  /** Apps of a tenant that are gone, and whose rows may still stand in its database. */
  removedApps(tenant: string, limit: number): readonly string[];
}

export interface DirectoryWrites {
  /**
   * Says where the rows of a tenant's apps stand. Once it has apps, only another way to the same log is taken.
   *
   * @param sealedUrl null: in the installation's own database @param found what was seen there: the epoch, and the one that was to be expected
   */
  placeTenant(tenant: string, sealedUrl: string | null, found: { readonly was: string; readonly epoch: string } | null): 'placed' | 'held' | 'absent';
  /** Before anything is written there. @returns false when the tenant has been placed elsewhere meanwhile */
  noteEpoch(place: TenantPlace, epoch: string): boolean;
  /** The app is gone at once; that its rows are not is noted in the same transaction. @returns whether there was such an app */
  removeTenantApp(app: string): boolean;
  /** Its rows are gone. */
  forgetRemoved(app: string): void;
}

type Async<T> = { [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<R> : never };

/** The installation's own database: a storage that also knows where those of tenants are. */
export type Directory = Storage & Async<DirectoryReads> & Async<DirectoryWrites>;
