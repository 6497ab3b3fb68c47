/**
 * The limits that a client keeps to by itself. The protocol's whole table would be in every bundle; the compiler holds these to it,
 * because each of its numbers is a type.
 */
import type { limits as all } from '@talaria/protocol';

export const limits: Pick<typeof all, 'cursors_max' | 'data_bytes_max' | 'follow_max' | 'frame_bytes_max' | 'signal_bytes_max' | 'signal_type_chars_max' | 'text_chars_max'> = {
  cursors_max: 256, data_bytes_max: 16_384, follow_max: 200, frame_bytes_max: 65_536, signal_bytes_max: 4_096, signal_type_chars_max: 32, text_chars_max: 10_000,
};
