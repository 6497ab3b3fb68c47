import type { OperationId, OperationOutput } from '@talaria/protocol/operations';
import type { Caller } from '../../../src/domain/caller.js';
import type { Input } from '../support/stage.js';

/** Who asks, as HTTP and as the domain know them. */
export interface Who {
  readonly as: string;
  readonly caller: Caller;
}

/** Does an operation over HTTP, and holds what it gives against the table and against the operation itself. */
export type Tell = <Id extends OperationId>(who: Who, id: Id, input: Input) => Promise<OperationOutput<Id>>;

/** Two users of an app in a group that alice owns. */
export interface Cast {
  readonly her: Who;
  readonly backend: Who;
  readonly group: string;
  readonly alice: string;
  readonly bob: string;
}
