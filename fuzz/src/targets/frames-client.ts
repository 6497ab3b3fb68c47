/** The client's decoders, as a hostile or broken server could try them: a frame, or `bad_frame`. */
import { ProtocolError, type ClientCodec, type ServerCodec } from '@talaria/protocol';
import { createClientCodec, createServerCodec } from '@talaria/protocol/codec';
import { createJsonClientCodec, createJsonServerCodec } from '@talaria/protocol/codec-json';
import fc from 'fast-check';
import { mutated, noise } from '../arbitraries/bytes.js';
import { forms, goldenBytes, type Form } from '../arbitraries/golden.js';
import { anyDown } from '../arbitraries/wire.js';
import { hold } from '../finding.js';
import type { Target } from '../target.js';
import { showFrame, type FrameInput } from './frames-server.js';

const servers: Readonly<Record<Form, ServerCodec>> = { binary: createServerCodec(), json: createJsonServerCodec() };

export const clientFramesTarget = (codecs: Readonly<Record<Form, ClientCodec>> = { binary: createClientCodec(), json: createJsonClientCodec() }): Target<FrameInput> => ({
  name: 'frames.client',
  batch: 20_000,
  open: () => Promise.resolve({ inputs: downBytes, attack: ({ form, bytes }: FrameInput) => [decode(codecs[form], bytes)], show: showFrame }),
});

function decode(codec: ClientCodec, bytes: Uint8Array): string {
  try {
    const { frame } = codec.decodeDown(bytes);
    hold(typeof frame === 'string', () => 'the decoder gave something that is no frame');
    return frame;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    hold(error.code === 'bad_frame', () => `the decoder gave the code ${error.code}`);
    return error.code;
  }
}

/** Golden frames changed, frames of any values whole and changed, and noise. */
const bytesOf = (form: Form): fc.Arbitrary<Uint8Array> => {
  const golden = goldenBytes('down', form);
  const whole = anyDown.map((frame) => servers[form].encodeDown(frame));
  return fc.oneof({ weight: 6, arbitrary: mutated(golden) }, { weight: 2, arbitrary: mutated(golden, whole) }, { weight: 1, arbitrary: whole }, { weight: 1, arbitrary: noise });
};
const downBytes: fc.Arbitrary<FrameInput> = fc.oneof(...forms.map((form) => bytesOf(form).map((bytes): FrameInput => ({ form, bytes }))));
