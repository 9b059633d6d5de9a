/** Fetches a key set over HTTP for jose. Not `fetch`: redirects are refused here, and the size is bounded while reading. */
import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';

const MAX_BYTES = 256 * 1024;

/** Has the signature of jose's `customFetch`. Rejects unless the response is 200 with at most 256 KiB. */
export function fetchJwks(
  url: string,
  { headers, signal }: { readonly headers: Headers; readonly signal: AbortSignal },
): Promise<Response> {
  const get = url.startsWith('https:') ? getHttps : getHttp;
  return new Promise((resolve, reject) => {
    const request = get(url, { headers: Object.fromEntries(headers), signal }, (response) => {
      if (response.statusCode !== 200) {
        request.destroy(new Error(`HTTP ${response.statusCode}`));
        return;
      }
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > MAX_BYTES) request.destroy(new Error('Too large'));
      });
      response.on('error', reject);
      response.on('end', () => resolve(new Response(Buffer.concat(chunks))));
    });
    request.on('error', reject);
  });
}
