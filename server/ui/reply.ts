/** Reply of a page's handler. */
import type { Readable } from 'node:stream';
import type { Page } from './page.ts';

export type PageReply =
  | { readonly status: number; readonly page: Page }
  | { readonly location: string }
  | { readonly events: Readable };

/** Start page. */
export const HOME = '/ui/approvals';

/** Redirects with 303, so that the browser follows with GET. */
export function redirect(location: string): PageReply {
  return { location };
}
