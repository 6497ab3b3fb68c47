import { TalariaError } from '../errors.js';

/** Frames name users by Talaria's ids alone, and what comes back names them so. One wrong id would end the whole list. @throws TalariaError invalid_argument */
export function requireUserIds(userIds: readonly string[]): readonly string[] {
  const wrong = userIds.find((id) => !id.startsWith('u_'));
  if (wrong === undefined) return userIds;
  throw new TalariaError('invalid_argument', `${wrong} is no id of a user here.`, { remediation: "Give Talaria's id, u_…; users.batch tells those of your own." });
}
