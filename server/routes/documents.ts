import { createHash } from 'node:crypto';
import { DOCS_STYLE, docsPage } from '../documents/docs-page.ts';
import { JSON_TYPE, endpoint } from '../http/endpoint.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { openApiDocument } from '../documents/openapi.ts';

/** Returns two endpoints that document the endpoints given and themselves. */
export function documentsOf(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const document = () => openApiDocument([...endpoints, ...all]);
  let text: string | undefined;
  let page: string | undefined;
  const getOpenApi = endpoint({
    method: 'GET',
    path: '/openapi.json',
    id: 'getOpenApi',
    tag: 'Documents',
    summary: 'This API as an OpenAPI 3.1 document',
    access: 'open',
    replies: { 200: { description: 'The document.', type: 'application/json' } },
    handle: async () => {
      text ??= JSON.stringify(document());
      return { content: { type: JSON_TYPE, body: text } };
    },
  });
  const getDocs = endpoint({
    method: 'GET',
    path: '/docs',
    id: 'getDocs',
    tag: 'Documents',
    summary: 'This API as a page',
    access: 'open',
    replies: { 200: { description: 'A page that loads nothing.', type: 'text/html' } },
    handle: async () => {
      page ??= docsPage(document());
      return {
        content: { type: 'text/html; charset=utf-8', body: page },
        headers: { 'Content-Security-Policy': POLICY },
      };
    },
  });
  const all: readonly Endpoint[] = [getOpenApi, getDocs];
  return all;
}

const STYLE_HASH = createHash('sha256').update(DOCS_STYLE).digest('base64');
const POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; img-src data:; base-uri 'none'; frame-ancestors 'none'`;
