import type { AppEntry } from '../tenancy/app-directory.js';

/**
 * Whether pages of this origin may use the app. Browsers send an Origin and cannot forge it; programs send none. Without
 * a list any origin but `null` is welcome, because the token, not the page, is the credential.
 *
 * @param origin undefined when none was sent
 */
export function originAllowed(app: AppEntry, origin: string | undefined): boolean {
  if (origin === undefined) return true;
  const allowed = app.row.allowedOrigins;
  return origin !== 'null' && (allowed.length === 0 || allowed.includes(origin));
}
