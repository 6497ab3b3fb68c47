/**
 * Stands in the bundles where the protocol's own modules import its errors (tsup.config.ts). A client needs only the code of what the
 * codec throws; the table behind it, with its texts for servers, would be a twelfth of what a browser loads.
 */
import type { ErrorCode } from '@talaria/protocol';

export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';

  constructor(readonly code: ErrorCode, message: string = code, detail: { readonly cause?: unknown } = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
  }
}
