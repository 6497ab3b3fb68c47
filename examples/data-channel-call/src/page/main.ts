/** Two people on two pages: one calls, the other answers, and a data channel carries what they write, from page to page. */
import { connect, TalariaError } from '@talaria/sdk';
import { createCalls, type Call, type CallState, type Calling, type StopReason } from '@talaria/sdk/calls';
import { ask, screen } from './screen.js';

interface Login {
  readonly url: string;
  readonly app: string;
  readonly token: string;
}

/** Where no server is named, pages of one machine or one network find each other. Over the internet, name STUN and TURN servers here. */
const ICE: RTCConfiguration = { iceServers: [] };

async function login(name: string, other: string): Promise<Login> {
  const response = await fetch(`/login?${new URLSearchParams({ name, with: other }).toString()}`, { method: 'POST' });
  if (!response.ok) throw new Error('Names are letters, digits, dots, dashes and underscores, and yours is not theirs.');
  return await response.json() as Login;
}

async function begin(name: string, other: string): Promise<void> {
  const { url, app } = await login(name, other);
  // Asked for on connect, and again before it expires.
  const client = connect({ url, app, token: async () => (await login(name, other)).token });
  client.on('status', ({ state }) => screen.status(state));
  await client.ready();
  const conversation = await client.conversations.create({ kind: 'direct', members: [`ext:${other}`] });
  screen.ready(name, other);
  const calls = createCalls(client, { deviceId: deviceId() });
  calls.onIncoming((call) => incoming(call, other));
  screen.onCall(() => void attempt(async () => inCall(await calls.start(conversation, { kind: 'data' }), other)));
  await resume(calls, other);
}

/** A page that was loaded again is the same device, and is in the call still. */
function deviceId(): string {
  const known = sessionStorage.getItem('device') ?? crypto.randomUUID();
  sessionStorage.setItem('device', known);
  return known;
}

async function resume(calls: Calling, other: string): Promise<void> {
  const id = sessionStorage.getItem('call');
  const call = id === null ? undefined : await calls.open(id).catch(() => undefined);
  if (call?.joined) inCall(call, other);
}

const STOPPED: Readonly<Record<StopReason, string>> = {
  answered: '', answered_elsewhere: 'Answered on another device.', declined: 'Declined.', ended: 'Missed call.', timeout: 'Missed call.',
};

function incoming(call: Call, other: string): void {
  screen.ringing(
    () => void attempt(async () => {
      await call.accept();
      inCall(call, other);
    }),
    () => void attempt(() => call.decline()),
  );
  call.on('stop', (reason) => screen.quiet(STOPPED[reason]));
}

/** This device is in the call: it is shown, and connected with the other one. */
function inCall(call: Call, other: string): void {
  sessionStorage.setItem('call', call.id);
  const show = ({ state }: CallState): void => screen.call(state === 'ringing' ? `Calling ${other} …` : `In a call with ${other}`);
  show(call.state);
  call.on('change', show);
  call.on('ended', ({ reason, duration_ms }) => {
    sessionStorage.removeItem('call');
    screen.over(duration_ms === null ? `The call is over: ${reason ?? ''}.` : `The call is over after ${Math.round(duration_ms / 1_000)} s.`);
  });
  screen.onHangUp(() => void attempt(() => call.leave()));
  call.connect(({ initiator }) => {
    const connection = new RTCPeerConnection(ICE);
    // One side makes the channel, the other is told of it. Audio and video are tracks that are added here.
    if (initiator) use(connection.createDataChannel('text'), other);
    else connection.addEventListener('datachannel', ({ channel }) => use(channel, other));
    return connection;
  }, {
    onGone: () => screen.note('The other page is gone.'),
    onError: (error) => screen.note(String(error)),
  });
}

function use(channel: RTCDataChannel, other: string): void {
  channel.addEventListener('open', () => screen.open((text) => {
    channel.send(text);
    screen.line('you', text);
  }));
  channel.addEventListener('message', ({ data }) => screen.line(other, String(data)));
  channel.addEventListener('close', () => screen.shut());
}

/** Shows what the server refuses. */
async function attempt(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    screen.note(error instanceof TalariaError ? `${error.message} ${error.remediation}` : String(error));
  }
}

ask((name, other) => begin(name, other));
