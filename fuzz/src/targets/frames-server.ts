/** The server's decoders: a frame, or one of three codes. */
import { ProtocolError, type ClientCodec, type ServerCodec } from '@talaria/protocol';
import { createClientCodec, createServerCodec } from '@talaria/protocol/codec';
import { createJsonClientCodec, createJsonServerCodec } from '@talaria/protocol/codec-json';
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { mutated, noise } from '../arbitraries/bytes.js';
import { forms, goldenBytes, type Form } from '../arbitraries/golden.js';
import { anyUp } from '../arbitraries/wire.js';
import { hold } from '../finding.js';
import type { Target } from '../target.js';

export interface Codecs {
  readonly binary: ServerCodec;
  readonly json: ServerCodec;
}

/** Bytes in one of the two forms. */
export interface FrameInput {
  readonly form: Form;
  readonly bytes: Uint8Array;
}

const CODES: ReadonlySet<string> = new Set(['bad_frame', 'too_large', 'unknown_operation']);
const clients: Readonly<Record<Form, ClientCodec>> = { binary: createClientCodec(), json: createJsonClientCodec() };

export const showFrame = ({ form, bytes }: FrameInput): string => `${form} ${Buffer.from(bytes).toString('hex')}`;

export const serverFramesTarget = (codecs: Codecs = { binary: createServerCodec(), json: createJsonServerCodec() }): Target<FrameInput> => ({
  name: 'frames.server',
  batch: 20_000,
  open: () => Promise.resolve({ inputs: upBytes, attack: ({ form, bytes }: FrameInput) => [decode(codecs, form, bytes)], show: showFrame }),
});

function decode(codecs: Codecs, form: Form, bytes: Uint8Array): string {
  try {
    const frame = codecs[form].decodeUp(bytes);
    // What is let through is a whole frame: it means the same when it is sent again, in either form.
    for (const other of forms) {
      const again = codecs[other].decodeUp(clients[other].encodeUp(frame));
      hold(isDeepStrictEqual(again, frame), () => `the frame changes its meaning when it is sent again in the ${other} form`);
    }
    return frame.frame;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    hold(CODES.has(error.code), () => `the decoder gave the code ${error.code}`);
    return error.code;
  }
}

/** Golden frames changed, frames of any values whole and changed, and noise. */
const bytesOf = (form: Form): fc.Arbitrary<Uint8Array> => {
  const golden = goldenBytes('up', form);
  const whole = anyUp.map((frame) => clients[form].encodeUp(frame));
  return fc.oneof({ weight: 6, arbitrary: mutated(golden) }, { weight: 2, arbitrary: mutated(golden, whole) }, { weight: 1, arbitrary: whole }, { weight: 1, arbitrary: noise });
};
export const upBytes: fc.Arbitrary<FrameInput> = fc.oneof(...forms.map((form) => bytesOf(form).map((bytes): FrameInput => ({ form, bytes }))));
