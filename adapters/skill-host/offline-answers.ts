/** What a test's HTTP requests are answered with. */

export interface HttpExchange {
  readonly request: HttpAsk;
  readonly response: HttpAnswer;
}

export interface HttpAsk {
  readonly method: string;
  readonly url: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a process of a test is told through a file. */
export interface OfflineScene {
  readonly exchanges?: readonly HttpExchange[];
  /** ISO 8601: what the clock shows as the process starts. */
  readonly at?: string;
}

/**
 * Each recorded exchange answers once and in order, the last of its kind for ever. Nothing recorded: every request gets
 * a reply that says what was asked. Throws for a request that a recording does not have.
 */
export function createAnswers(exchanges: readonly HttpExchange[]): (ask: HttpAsk) => HttpAnswer {
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

function mocked({ method, url }: HttpAsk): HttpAnswer {
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ mocked: true, method, url }),
  };
}

function normalised(url: string): string {
  return URL.canParse(url) ? new URL(url).href : url;
}
