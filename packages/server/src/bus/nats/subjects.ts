/** Subjects, from internal ids only: none of them holds a character that means something to NATS. */

/** Of one installation. The store's epoch keeps those apart that share a NATS server, and a restored one from what it was. */
export interface Subjects {
  /** What concerns every node. */
  readonly all: string;
  /** What is said to one node. */
  node(id: string): string;
  stream(app: string, stream: string): string;
  /** @returns undefined for a subject that is none of a stream's */
  streamOf(subject: string): { readonly app: string; readonly stream: string } | undefined;
}

export function createSubjects(prefix: string, epoch: string): Subjects {
  const root = `${prefix}.${epoch}`;
  const streams = `${root}.s.`;
  return {
    all: `${root}.all`,
    node: (id) => `${root}.n.${id}`,
    stream: (app, stream) => `${streams}${app}.${stream}`,
    streamOf(subject) {
      const [app, stream, more] = subject.startsWith(streams) ? subject.slice(streams.length).split('.') : [];
      return app !== undefined && stream !== undefined && more === undefined ? { app, stream } : undefined;
    },
  };
}
