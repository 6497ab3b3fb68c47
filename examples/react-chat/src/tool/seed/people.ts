/** People who are made up. The first two can be signed in as, with a password that everybody knows. */
export const people = [
  { id: 'mira', name: 'Mira Okafor' },
  { id: 'jonas', name: 'Jonas Lindqvist' },
  { id: 'aisha', name: 'Aisha Rahman' },
  { id: 'tomas', name: 'Tomás Rivera' },
  { id: 'noor', name: 'نور حداد' },
  { id: 'yuki', name: 'Yuki Tanaka' },
] as const;

export type Person = (typeof people)[number]['id'];

export const PASSWORD = 'harbour lights';
