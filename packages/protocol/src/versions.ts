/** Every wire format there has been. The hash is that of wire.proto without comments and white space. */
export const wireVersions = [
  { version: 1, date: '2026-11-21', hash: '0e82be278ed60eaa', note: 'First format.' },
  { version: 2, date: '2026-11-21', hash: '216294cdb45e688a', note: 'Adds refreshed: until when a refreshed token holds.' },
] as const;
