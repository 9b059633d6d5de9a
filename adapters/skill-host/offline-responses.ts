/** Answers HTTP requests of a test from recorded exchanges. nock patches one process only; this runs in each skill process. */

export interface HttpExchange {
  readonly request: OfflineRequest;
  readonly response: HttpResponse;
}

export interface OfflineRequest {
  readonly method: string;
  readonly url: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Content of the file that configures a test's process. */
export interface OfflineFixture {
  readonly exchanges?: readonly HttpExchange[];
  /** ISO 8601: time of the clock at the start of the process. */
  readonly at?: string;
}

/**
 * Each recorded exchange answers once, in order; the last one for a URL answers all further requests. Without recordings every
 * request gets a reply that repeats its method and URL. Throws for a request that is not recorded.
 */
export function createResponder(exchanges: readonly HttpExchange[]): (ask: OfflineRequest) => HttpResponse {
  const used = new Set<HttpExchange>();
  return ({ method, url }) => {
    if (exchanges.length === 0) return mocked({ method, url });
    const matching = exchanges.filter(
      ({ request }) => request.method === method && normalised(request.url) === normalised(url),
    );
    const exchange = matching.find((each) => !used.has(each)) ?? matching.at(-1);
    if (exchange === undefined) throw new Error(`No answer was recorded to ${method} ${normalised(url)}`);
    used.add(exchange);
    return exchange.response;
  };
}

function mocked({ method, url }: OfflineRequest): HttpResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ mocked: true, method, url }),
  };
}

function normalised(url: string): string {
  return URL.canParse(url) ? new URL(url).href : url;
}
