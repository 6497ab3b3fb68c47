import { ProtocolError, type ErrorCode } from '../../src/errors.js';

/** @returns the code of the refusal. Anything else that is thrown goes through, and so does a call that succeeds. */
export function refusal(call: () => unknown): ErrorCode {
  return refusalError(call).code;
}

/** @returns the refusal itself */
export function refusalError(call: () => unknown): ProtocolError {
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
  throw new Error(`was not refused, but gave ${JSON.stringify(result)?.slice(0, 200)}`);
}

/** @returns what the call gives, or the refusal's code; every other error goes through. */
export function outcome<T>(call: () => T): { readonly value: T } | { readonly code: ErrorCode } {
  try {
    return { value: call() };
  } catch (error) {
    if (error instanceof ProtocolError) return { code: error.code };
    throw error;
  }
}
