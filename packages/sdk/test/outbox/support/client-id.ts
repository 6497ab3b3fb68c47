/** A UUIDv7 that a test knows by its number. */
export const clientIdOf = (number: number): string => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;
