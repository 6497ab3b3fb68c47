/** Every wire format there has been. The hash is that of wire.proto without comments and white space. */
export const wireVersions = [
  { version: 1, date: '2026-11-21', hash: '0e82be278ed60eaa', note: 'First format.' },
  { version: 2, date: '2026-11-21', hash: '216294cdb45e688a', note: 'Adds refreshed: until when a refreshed token holds.' },
  { version: 3, date: '2026-11-22', hash: '713312a0e981b1e0', note: 'Adds more to the body of a message: thread, quote, mentions, poll, and what else few messages have.' },
  { version: 4, date: '2026-11-22', hash: 'fa04a36f4d12da4e', note: 'Adds watch, away and presence: who is there, for whom a connection follows.' },
] as const;
