/** What a backend sees of its own app while it runs. */
import type { Stage } from '../stage.js';
import { eventually } from '../wait.js';

export async function insight({ story, backend, alice, bob, cli, appId }: Stage): Promise<void> {
  story.chapter('Looking behind the scenes');
  const connectionsOf = async (user: string) => (await backend.connections.list({ user_id: user })).items;
  const [his] = await connectionsOf('ext:bob');
  story.saw('Bob is connected, with which client and since when', his?.user_id === bob.userId && his.agent.startsWith('talaria-sdk'), his);
  const { streams } = await backend.connections.get({ connection_id: his?.id ?? '' });
  story.saw('and follows his own stream live', streams.some(({ stream, state }) => stream === bob.userId && state === 'live'), streams);

  // A trace records the way of each message of a conversation, for a while.
  const group = await alice.conversations.create({ name: 'Backstage', members: ['ext:bob'] });
  await backend.traces.start({ conversation_id: group.id, for_s: 60 });
  const sent = await group.send('Can you hear me?').sent;
  const way = await eventually(() => backend.traces.get({ message_id: sent.id }), ({ writes }) => writes.some(({ user_id }) => user_id === bob.userId));
  story.saw('a trace tells when a message was committed', way.steps.some(({ step }) => step === 'committed'), way.steps);
  story.saw('and that it went to Bob', way.writes.find(({ user_id }) => user_id === bob.userId)?.how !== undefined, way.writes);
  const { items: traces } = await backend.traces.list({});
  story.saw('the trace is running', traces.some(({ conversation_id, running }) => conversation_id === group.id && running), traces);
  const { stopped } = await backend.traces.stop({ conversation_id: group.id });
  story.saw('until it is stopped', stopped);

  await backend.connections.close({ connection_id: his?.id ?? '', reason: 'part of the story' });
  const [again] = await eventually(() => connectionsOf('ext:bob'), ([found]) => found !== undefined && found.id !== his?.id);
  story.saw('a connection that is closed comes back by itself', again?.user_id === bob.userId, again);

  // Whoever runs the installation sees all apps.
  const { items: open } = await cli(['connections', 'list', '--app', appId]) as { readonly items: readonly unknown[] };
  story.saw('the operator sees everybody who is connected', open.length >= 4, open.length);
}
