/** What a page's handler answers. */
import type { Readable } from 'node:stream';
import type { Page } from './page.ts';

export type PageReply =
  | { readonly status: number; readonly page: Page }
  | { readonly location: string }
  | { readonly events: Readable };

/** Where whoever has no other page in mind begins. */
export const HOME = '/ui/approvals';

/** To be fetched anew, whatever was sent. */
export function redirect(location: string): PageReply {
  return { location };
}
