import type { OperationOutput } from '@talaria/protocol/operations';
import type { Bus } from '../bus/port.js';
import type { Clock } from '../runtime/clock.js';
import type { Log } from '../runtime/log.js';
import type { IdSource, Random } from '../runtime/random.js';
import type { Storage } from '../storage/port.js';
import type { LaggingStorage } from '../storage/replica.js';
import type { TenantDatabases } from '../storage/routed/tenant-databases.js';
import type { Keyring } from './auth/keyring.js';
import type { KeyDirectory } from './auth/key-directory.js';
import type { TokenVerifier } from './auth/user-tokens.js';
import type { PasswordHasher } from './identity/password-hasher.js';
import type { Counts } from './counts.js';
import type { AskNodes } from './insight/parts.js';
import type { Traces } from './insight/traces.js';
import type { CommandLimits } from './limits/command-limits.js';
import type { Presence } from './presence/presence.js';
import type { AppDirectory } from './tenancy/app-directory.js';

/** What the domain's functions work with. Made once by `assemble`; nothing in it knows a socket or a driver. */
export interface Domain {
  readonly storage: Storage;
  /** Databases that tenants have of their own, where they may. */
  readonly databases: TenantDatabases | undefined;
  /** For one request whose answer may lag; not there without a replica. */
  readonly openLagging?: () => LaggingStorage;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: IdSource;
  readonly keyring: Keyring;
  readonly apps: AppDirectory;
  readonly keys: KeyDirectory;
  readonly tokens: TokenVerifier;
  readonly passwords: PasswordHasher;
  readonly limits: CommandLimits;
  readonly presence: Presence;
  /** Whether there is an index of messages. */
  readonly search: boolean;
  readonly log: Log;
  /** Plain numbers that commands add to; metrics read them. */
  readonly counts: Counts;
  /** How this server is, for `status.get`. */
  readonly status: () => Promise<OperationOutput<'status.get'>>;
  /** Asks every node about itself. */
  readonly ask: AskNodes;
  /** What this node records of the ways of messages. */
  readonly traces: Traces;
  /** The nodes that this one hears of, for `cluster.get`. */
  readonly nodes: () => OperationOutput<'cluster.get'>['nodes'];
}
