import { readFileSync } from 'node:fs';
import { fromHex, utf8 } from './bytes.js';

export interface GoldenFrame {
  readonly name: string;
  readonly direction: 'up' | 'down';
  readonly json: Readonly<Record<string, unknown>>;
  readonly hex: string;
}

const FILE = new URL('../../fixtures/frames.json', import.meta.url);

/** Frames with their bytes in both forms, as they were when their format was released. */
export const golden = JSON.parse(readFileSync(FILE, 'utf8')) as readonly GoldenFrame[];
export const goldenUp = golden.filter((frame) => frame.direction === 'up');
export const goldenDown = golden.filter((frame) => frame.direction === 'down');

export const binaryBytes = (frame: GoldenFrame): Uint8Array => fromHex(frame.hex);
export const jsonBytes = (frame: GoldenFrame): Uint8Array => utf8(JSON.stringify(frame.json));
/** What the frame is called: `send`, `facts`, … */
export const frameKind = (frame: GoldenFrame): string => Object.keys(frame.json)[0] ?? '';
