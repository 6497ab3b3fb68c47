/** What a backend does for its users: it mints their tokens with the app's key. Never ship the key to a user's device. */

/** @returns a token of the user with this name; the user is made when there is none. @throws Error what the server refuses */
export async function mintToken(url: string, key: string, name: string): Promise<string> {
  const response = await fetch(new URL('/v1/auth/token', url), {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ external_id: name, name }),
  });
  const answer = await response.json() as { token?: string; detail?: string };
  if (answer.token === undefined) throw new Error(`no token for ${name}: ${answer.detail ?? response.status}`);
  return answer.token;
}
