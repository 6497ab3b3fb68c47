/** The frames whose bytes are kept: where changed frames begin. */
import { readFileSync } from 'node:fs';

interface GoldenFrame {
  readonly direction: 'up' | 'down';
  readonly json: Readonly<Record<string, unknown>>;
  readonly hex: string;
}

export type Form = 'binary' | 'json';
export const forms = ['binary', 'json'] as const;

const FILE = new URL('../../../packages/protocol/fixtures/frames.json', import.meta.url);

/** The golden frames of a direction, as the bytes of a form. */
export function goldenBytes(direction: 'up' | 'down', form: Form): readonly Uint8Array[] {
  const frames = JSON.parse(readFileSync(FILE, 'utf8')) as readonly GoldenFrame[];
  return frames.filter((frame) => frame.direction === direction)
    .map(({ json, hex }) => Uint8Array.from(form === 'binary' ? Buffer.from(hex, 'hex') : Buffer.from(JSON.stringify(json))));
}
