/** What becomes of the files of a data directory: damage as disks, copies and people do it. */
import fc from 'fast-check';

export const FILES = ['talaria.db', 'talaria.db-wal', 'talaria.db-shm', 'secrets.json'] as const;
type File = (typeof FILES)[number];

/** Places are parts of 2^20 of the file, so that they mean the same for a file of any length. */
export type Damage =
  | { readonly kind: 'flip'; readonly file: File; readonly at: number; readonly bit: number }
  | { readonly kind: 'fill'; readonly file: File; readonly at: number; readonly length: number; readonly byte: number }
  | { readonly kind: 'swap_pages'; readonly file: File; readonly at: number; readonly other: number }
  | { readonly kind: 'cut'; readonly file: File; readonly at: number }
  | { readonly kind: 'append'; readonly file: File; readonly length: number; readonly byte: number }
  | { readonly kind: 'remove' | 'empty' | 'text'; readonly file: File }
  | { readonly kind: 'foreign' | 'other_version' | 'directory' };

export interface DamageInput {
  /** Whether the files are those of a server that was stopped in order, or of one that was killed. */
  readonly from: 'stopped' | 'killed';
  readonly damages: readonly Damage[];
}

const WHOLE = 2 ** 20;
const place = fc.oneof({ weight: 3, arbitrary: fc.nat(WHOLE - 1) }, { weight: 1, arbitrary: fc.nat(900) });
const file = fc.oneof({ weight: 8, arbitrary: fc.constant<File>('talaria.db') }, { weight: 4, arbitrary: fc.constant<File>('talaria.db-wal') }, { weight: 1, arbitrary: fc.constantFrom<File>('talaria.db-shm', 'secrets.json') });
const byte = fc.constantFrom(0, 0xff, 0x41, 0x7f);

const damage: fc.Arbitrary<Damage> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('flip' as const), file, at: place, bit: fc.nat(7) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('fill' as const), file, at: place, length: fc.constantFrom(1, 4, 100, 512, 4_096, 20_000), byte }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('swap_pages' as const), file, at: place, other: place }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cut' as const), file, at: place }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('append' as const), file, length: fc.constantFrom(1, 100, 4_096), byte }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('remove' as const, 'empty' as const, 'text' as const), file }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('foreign' as const, 'other_version' as const, 'directory' as const) }) },
);

export const anyDamage: fc.Arbitrary<DamageInput> = fc.record({ from: fc.constantFrom('stopped' as const, 'killed' as const), damages: fc.array(damage, { minLength: 1, maxLength: 4 }) });

/** Where a place is in a file of this length. Small numbers are bytes: a header is short and matters most. */
export const offsetOf = (at: number, bytes: number): number => (at < 900 ? Math.min(at, Math.max(0, bytes - 1)) : Math.floor((at / WHOLE) * bytes));
