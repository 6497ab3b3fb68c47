/** By how much the lines of a chart may be apart, so that their numbers are round ones. */

/** Of bytes: powers of two, from 1 B to 4 PiB. */
export const BYTE_STEPS: readonly number[] = Array.from({ length: 53 }, (_, power) => 2 ** power);

const MS = [1, 2, 5, 10, 20, 50, 100, 200, 500];
const S = [1, 2, 5, 10, 20, 30].map((s) => s * 1_000);
const MIN = [1, 2, 5, 10, 20, 30].map((min) => min * 60_000);
const H = [1, 2, 6, 12, 24, 48, 120, 240, 720, 2_400, 7_200].map((h) => h * 3_600_000);

/** Of times in ms that are written in seconds, minutes, hours and days. */
export const TIME_STEPS: readonly number[] = [...MS, ...S, ...MIN, ...H];
